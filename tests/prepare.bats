#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The first steps of `make demo`, `make check` and `make packages` on an ordinary machine.

setup() {
  T=$(mktemp -d)
  cd "$BATS_TEST_DIRNAME/.." || return
  # To each call something is missing, and what would install it does nothing.
  mkdir "$T/bin"
  printf '#!/bin/sh\nexit 1\n' > "$T/bin/dpkg-checkbuilddeps"
  printf '#!/bin/sh\n[ "$*" = "update --print-uris" ] && exec /usr/bin/apt-get "$@"\necho "$@" >> %s/calls\n' "$T" \
    > "$T/bin/apt-get"
  chmod -R 755 "$T"
  PATH=$T/bin:$PATH
}

teardown() { rm -rf "$T"; }

# refused TEXT COMMAND...: it says TEXT in a single line, and asks apt for nothing.
refused() {
  local text=$1
  shift
  run "$@"
  [ "$status" = 1 ]
  [ "${#lines[@]}" = 1 ]
  [[ $output == *"$text"*'; nothing was done' ]]
  [ ! -e "$T/calls" ]
}

@test "anybody but root is told so at once, by the demo and the tests" {
  refused 'needs root' setpriv --reuid=65534 --clear-groups tests/prepare demo
  refused 'needs root' setpriv --reuid=65534 --clear-groups tests/prepare lab
}

@test "in a chroot the demo refuses before anything is fetched" {
  mkdir "$T/root"
  # shellcheck disable=SC2016  # the inner shell's
  refused 'a chroot' unshare --mount sh -ec '
    for directory in bin sbin lib lib64 usr etc dev proc tmp; do
      [ -d /$directory ] || continue
      mkdir "$1/root/$directory"
      mount --bind "/$directory" "$1/root/$directory"
    done
    mkdir "$1/root/tree" && mount --bind . "$1/root/tree"
    PATH=$PATH exec chroot "$1/root" /tree/tests/prepare demo' sh "$T"
}

@test "without user namespaces the demo refuses before anything is fetched" {
  refused 'no user namespaces' unshare --user --map-root-user --mount sh -c '
    echo 0 > /proc/sys/user/max_user_namespaces; exec tests/prepare demo'
}

@test "where the ids of the namespaces are not ours the demo refuses" {
  refused 'user ids 100000 to 165535' unshare --user --map-root-user --mount tests/prepare demo
}

@test "apt without sources is told before apt is asked for anything" {
  printf 'Dir::Etc { sourcelist "/dev/null"; sourceparts "/dev/null"; };\n' > "$T/apt.conf"
  APT_CONFIG=$T/apt.conf refused 'apt has no sources' tests/prepare packages
}

@test "apt with sources but no lists yet is asked for them" {
  mkdir "$T/lists"
  printf 'Dir::State::lists "%s";\n' "$T/lists" > "$T/apt.conf"
  APT_CONFIG=$T/apt.conf tests/prepare packages
  grep -qx 'update -q' "$T/calls"
}

@test "what is missing is installed by the profile of its purpose, and no other" {
  tests/prepare demo
  grep -qx 'build-dep .* -P pkg.curfew.demo ./' "$T/calls"
  [ "$(grep -c pkg.curfew.lab "$T/calls")" = 0 ]
}

# added PROFILE: the packages that a machine of only git and make has to install for it.
added() {
  local empty=(-o Dir::State::status=/dev/null --no-install-recommends)
  local base
  base=$(dpkg-query -W -f '${Essential} ${Priority} ${Package}\n' |
    awk '$1 == "yes" || $2 == "required" { print $3 }')
  # shellcheck disable=SC2086  # a list
  /usr/bin/apt-get -s "${empty[@]}" install $base apt git make | sed -n 's/^Inst \([^ ]*\).*/\1/p' |
    sort > "$T/base"
  /usr/bin/apt-get -s "${empty[@]}" -P "$1" build-dep ./ | sed -n 's/^Inst \([^ ]*\).*/\1/p' |
    sort | comm -13 "$T/base" -
}

@test "the demo installs fewer than 80 packages, 100 where Boost.Process is a library with its own" {
  compgen -G '/var/lib/apt/lists/*Packages*' > "$T/lists" || skip "apt has no lists here"
  added pkg.curfew.demo > "$T/added"
  grep -qx mmdebstrap "$T/added"
  local most=80
  ! grep -q '^libboost-process[0-9.]*-dev$' "$T/added" || most=100
  [ "$(wc -l < "$T/added")" -lt "$most" ]
}

@test "a long command says what it is at, and its failure comes as one block" {
  run tests/lib/working 'counting sheep' "$T/log" sh -c 'echo one; echo two; exit 3'
  [ "$status" = 3 ]
  [ "$output" = "counting sheep
counting sheep: failed, status 3; the end of $T/log:
  | one
  | two" ]
  run tests/lib/working 'counting sheep' "$T/log" true
  [ "$status" = 0 ]
  [ "$output" = 'counting sheep' ]
}

@test "in a terminal a long command shows the end of its log every 5 s" {
  run script -qefc "tests/lib/working sheep '$T/log' sh -c 'printf %0100d 0; echo .cc; sleep 7'" /dev/null
  [ "$status" = 0 ]
  [[ $output =~ \ \ [5-9]\ s:\ \.\.\.0{64}\.cc ]]
}
