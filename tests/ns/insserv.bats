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

# override_trees COUNT: so many small systems, of random headers, random overrides of packages and of the
# administrator and one conf.d file, that the lab's insserv has registered; as a tar of N/etc and N/usr.
override_trees() {
  inside bash -euc '
    . /tests/ns/guard.bash; require_inside
    RANDOM=7
    header() { # OWN-NAME: needs any that the alphabet has before or behind it, never in a cycle
      local need=() name
      for name in "${order[@]}"; do
        [ "$name" != "$1" ] || break
        ((RANDOM % 4)) || need+=("$name")
      done
      ((RANDOM % 5)) || need+=("\$facility")
      printf "%s\n" "#$mark BEGIN INIT INFO" "# Provides: $1" "# Required-Start: ${need[*]}" \
        "# Required-Stop: ${need[*]}" "# Default-Start: 2" "# Default-Stop: 0" "#$mark END INIT INFO"
    }
    mkdir /trees
    for ((tree = 0; tree < $0; tree++)); do
      rm -rf /etc/init.d/* /etc/rc?.d/* /etc/init.d/.depend.* /etc/insserv.conf.d/* \
        /etc/insserv/overrides /usr/share/insserv/overrides
      mkdir -p /etc/insserv/overrides /usr/share/insserv/overrides
      order=($(shuf -e --random-source=<(yes $tree) first a b c d e f g))
      echo "\$facility +${order[0]}" >/etc/insserv.conf.d/local
      for name in "${order[@]}"; do
        mark="##"; ((RANDOM % 3)) || mark="####"
        for file in /etc/init.d /usr/share/insserv/overrides /etc/insserv/overrides; do
          [ $file = /etc/init.d ] || ((RANDOM % 2)) || continue
          { echo "#!/bin/sh"; header $name; } >$file/$name
          chmod 755 $file/$name
        done
      done
      insserv -- $(ls /etc/init.d) >&2
      mkdir /trees/$tree
      tar -c -C / etc/init.d etc/insserv etc/insserv.conf etc/insserv.conf.d etc/rc{0..6}.d etc/rcS.d \
        usr/share/insserv | tar -x -C /trees/$tree
    done
    tar -c -C /trees --owner=0 --group=0 .' "$1"
}

@test "overrides of packages and of the administrator: 40 random trees have the order of the real insserv" {
  tree_new
  override_trees 40 >"$BATS_TEST_TMPDIR/trees.tar"
  pairs=0
  for ((tree = 0; tree < 40; tree++)); do
    rm -rf "${ROOT:?}"/{etc,usr}
    tar -x -f "$BATS_TEST_TMPDIR/trees.tar" -C "$ROOT" --strip-components=2 "./$tree"
    starts=$(insserv_pairs start) stops=$(insserv_pairs stop)
    pairs=$((pairs + $(wc -w <<<"$starts $stops") / 2))
    for round in with without; do
      [ $round = with ] || only_headers
      [ -z "$starts" ] || { PREVLEVEL=S plan 2 && keeps_order "$starts" && [ "$(plan_pairs)" = "$starts" ]; }
      [ -z "$stops" ] || { PREVLEVEL=2 plan 0 && keeps_order "$stops" && [ "$(plan_pairs)" = "$stops" ]; }
    done
  done
  ((pairs > 500))
}
