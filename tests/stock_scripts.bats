#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Which scripts count as Debian's own, so that native stages take their place.
# shellcheck disable=SC2154 # $output comes from bats

setup() {
  load lib/tree
  tree_new
  service 0 K01umountfs && service 0 K02umountroot
  depend stop 'TARGETS = umountfs umountroot' 'umountroot: umountfs'
}
teardown() { tree_end; }

# record NAME MD5: a stanza of dpkg's status file.
record() {
  mkdir -p "$ROOT/var/lib/dpkg"
  printf '%s\n' 'Package: initscripts' 'Status: install ok installed' 'Conffiles:' \
    " /etc/init.d/$1 $2" '' >>"$ROOT/var/lib/dpkg/status"
}

md5() { md5sum <"$ROOT/etc/init.d/$1" | cut -d' ' -f1; }

# says NAME TEXT: whether the plan says TEXT of NAME's script, and has the script itself.
says() {
  [[ $output == *"curfew: /etc/init.d/$1: $2; it runs, not stage "* ]]
  [[ $output == *"/etc/init.d/$1 stop"* ]]
}

@test "a script as dpkg installed it is replaced in each release, and one line says so" {
  record umountfs "$(md5 umountfs)" && record umountroot "$(md5 umountroot)"
  plan 0
  [[ $(plan_line K01umountfs) == *"halt --stage unmount"* ]]
  [[ $output == *"curfew: umountfs, umountroot: of a release that is not known yet; "* ]]
  [ "$(grep -c '^curfew:' <<<"$output")" = 1 ]
}

@test "a script that dpkg installed otherwise is edited here, and runs" {
  record umountfs 0123456789abcdef0123456789abcdef
  plan 0
  says umountfs 'edited here'
  says umountroot 'no known version, and dpkg has no record of it'
}

@test "without an answer of dpkg a script of no known version runs, and the plan says why" {
  plan 0
  says umountfs "no known version, and dpkg's record cannot be read (No such file or directory)"
  record umountfs "$(md5 umountfs)"
  truncate -s 33M "$ROOT/var/lib/dpkg/status"
  plan 0
  says umountfs "no known version, and dpkg's record cannot be read (File too large)"
}

@test "a FIFO, a directory, a loop or a torn file in place of dpkg's record costs less than 3 s" {
  mkdir -p "$ROOT/var/lib/dpkg"
  cd "$ROOT/var/lib/dpkg"
  for make in 'mkfifo status' 'mkdir status' 'ln -s status status' \
    'head -c 5000000 /dev/urandom >status' 'printf "Package: initscripts\nConffiles:\n /etc/in" >status'; do
    rm -rf status && bash -c "$make"
    begin=$SECONDS
    plan 0
    ((SECONDS - begin < 3))
    [[ $output == *"/etc/init.d/umountfs stop"* ]]
    [[ $output == *"hand-over: halt "* ]]
  done
}

@test "each stock script of the machine and of the lab is known; a comment and blanks change nothing" {
  known=0
  for root in "" "$BATS_TEST_TMPDIR/lab"; do
    if [ -n "$root" ]; then
      mkdir "$root"
      tar -xf "$BUILD/lab/root.tar" -C "$root" ./etc/init.d 2>/dev/null || continue
    fi
    for name in sendsigs umountnfs.sh hwclock.sh umountfs umountroot halt; do
      [ -e "$root/etc/init.d/$name" ] || continue
      sed -e '2i # a note' -e 's/^\t/        /' -e '$G' "$root/etc/init.d/$name" >"$ROOT/etc/init.d/$name"
      rm -f "$ROOT"/etc/rc0.d/* && link 0 "K01$name"
      plan 0
      [[ $output != *curfew:* && $output != *"/etc/init.d/"* ]]
      known=$((known + 1))
    done
  done
  ((known > 0)) || skip "no stock script is at hand"
}
