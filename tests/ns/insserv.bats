#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2154 # commands for inside; $output comes from bats
# update-rc.d without insserv, on the lab's system with Debian's own scripts. It runs in there
# because it asks for the insserv of the machine it runs on, whatever DPKG_ROOT says.

load ../lib/tree
load ../lib/insserv
load guard.bash

# fall_back: the tree becomes the lab's /etc after update-rc.d has linked all its scripts anew.
fall_back() {
  inside bash -euc '
    . /tests/ns/guard.bash; require_inside
    rm "$(command -v insserv)"
    names=$(ls /etc/rc?.d | sed -n "s/^[KS][0-9][0-9]//p" | sort -u)
    rm /etc/rc?.d/[KS]* /etc/init.d/.depend.*
    for name in $names; do update-rc.d "$name" defaults >&2; done
    tar -c -C /etc --owner=0 --group=0 init.d insserv insserv.conf insserv.conf.d rc{0..6}.d rcS.d' |
    tar -x -C "$ROOT/etc"
}

@test "update-rc.d without insserv: all S01 and K01, and the plan has the order insserv would give" {
  tree_new
  fall_back
  [ ! -e "$ROOT/etc/init.d/.depend.stop" ]
  [ -z "$(find "$ROOT"/etc/rc?.d -name '[KS]*' ! -name '[KS]01*')" ]
  for level in 0 6 2 S; do
    plan $level
    [[ $output != *"level $level: 0 scripts"* && $output != *cycle* ]]
    plan_pairs >"$BATS_TEST_TMPDIR/pairs.$level"
  done
  rm "$ROOT"/etc/rc?.d/[KS]* "$ROOT"/etc/init.d/{README,rc,rcS}
  insserv_all
  for level in 0 6 2 S; do
    plan $level
    # What the plan has from .depend is what it had from headers.
    diff "$BATS_TEST_TMPDIR/pairs.$level" <(plan_pairs)
  done
}
