#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the roots of the tests get their packages from, for each release, on machines that have apt's
# sources in any of its ways.

setup() {
  T=$BATS_TEST_TMPDIR
  mkdir -p "$T/apt"/{sources.list.d,apt.conf.d} "$T/out"
  printf 'Dir::Etc "%s/apt";\n' "$T" > "$T/apt.conf"
  export APT_CONFIG=$T/apt.conf
  set -euo pipefail
  . "$BATS_TEST_DIRNAME/lib/root.bash"
  own=$(own_release)
  suite_names "$own" > /dev/null || skip "this machine is no Debian that the roots are made of"
  other=trixie
  [ "$own" != trixie ] || other=bookworm
}

# Sources of release $own at http://one, in each of apt's formats.
one_line() {
  echo "  # a comment"
  echo "deb-src http://one/debian $own main"
  echo "deb [arch=amd64] http://one/debian $own main contrib"
  echo "deb http://sec/debian-security $own-security main"
}
stanza() {
  printf 'Types: deb\nURIs: http://%s/debian\nSuites: %s %s-updates\nComponents: main\n\n' \
    "${1:-one}" "$own" "$own"
}

# Both kinds of root get what they need from what is in $T/apt now.
both_found() {
  apt_setup "$T/out" "$own"
  cat "$T/out"/host.* | grep -q '^\(deb .*\|URIs: \)http://one/debian'
  ! cat "$T/out"/host.* | grep -q 'http://else' || return 1
  rm "$T/out"/*
  apt_setup "$T/out" "$other"
  [ ! -e "$T/out/host.sources" ]
  grep -Ex "deb \[signed-by=/.*\] http://one/debian $other main" "$T/out/host.list"
}

@test "a one-line sources.list, as Debian's installer writes it, is enough" {
  one_line > "$T/apt/sources.list"
  both_found
}

@test "stanzas alone are enough" {
  stanza > "$T/apt/sources.list.d/debian.sources"
  both_found
}

@test "the folders may be missing, or hold both formats, with other repositories beside" {
  one_line > "$T/apt/sources.list"
  rmdir "$T/apt/sources.list.d"
  both_found
  mkdir "$T/apt/sources.list.d"
  echo "deb http://else/apt other main" > "$T/apt/sources.list.d/else.list"
  stanza > "$T/apt/sources.list.d/debian.sources"
  printf 'Types: deb\nURIs: http://else/node\nSuites: nodistro\nComponents: main\n' \
    >> "$T/apt/sources.list.d/debian.sources"
  both_found
}

@test "another release is not looked for in a source that is switched off" {
  stanza off | sed 's/^Types/Enabled: no\nTypes/' > "$T/apt/sources.list.d/off.sources"
  stanza > "$T/apt/sources.list.d/on.sources"
  apt_setup "$T/out" "$other"
  grep -q 'http://one/debian' "$T/out/host.list"
}

@test "where no source fits one line says so" {
  echo "deb http://else/apt other main" > "$T/apt/sources.list"
  for release in "$own" "$other"; do
    run apt_setup "$T/out" "$release"
    echo "$output"
    [ "$status" = 1 ]
    [ "$output" = "apt's sources have nothing of $own: there is no way to $release's packages" ]
  done
}

@test "a release that is not known is refused in one line" {
  one_line > "$T/apt/sources.list"
  run apt_setup "$T/out" buster
  echo "$output"
  [ "$status" = 1 ]
  [ "$output" = "the release 'buster' is not known: RELEASE is bookworm, trixie or testing" ]
}

@test "the tests on other releases refuse one that is not known before anything is made" {
  run "$BATS_TEST_DIRNAME/releases" trixie buster
  [ "$status" = 2 ]
  [ "$output" = "the release 'buster' is not known: RELEASE is bookworm, trixie or testing" ]
}

# The archive answers as $1 says; leaves in $T/calls how often, and with what.
archive() {
  mkdir "$T/bin"
  printf '#!/bin/sh\necho "$*" >> %s/calls\n%s\n' "$T" "$1" > "$T/bin/mmdebstrap"
  chmod 755 "$T/bin/mmdebstrap"
  one_line > "$T/apt/sources.list"
}

@test "only a Release file that has expired makes a root without that check" {
  archive '
    case $* in *Valid-Until*) for a; do case $a in *.tar) echo whole > "$a" ;; esac; done; exit ;; esac
    echo "E: Release file for http://one/debian/dists/x/InRelease is expired (invalid since 22d)." >&2
    exit 25'
  PATH=$T/bin:$PATH RELEASE=$other debian_root "$T/root.tar" key packages
  [ "$(cat "$T/root.tar")" = whole ]
  [ "$(grep -c . "$T/calls")" = 2 ]
}

@test "an archive that fails in another way makes no root, and says why" {
  archive 'echo "E: Temporary failure resolving archive.example.org" >&2; exit 25'
  PATH=$T/bin:$PATH RELEASE=$other run debian_root "$T/root.tar" key packages
  [ "$status" != 0 ]
  [[ $output == *'Temporary failure'* ]]
  [ ! -e "$T/root.tar" ]
  [ "$(grep -c . "$T/calls")" = 1 ]
}
