#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# rc where the kernel has no process, or no memory for one, at the moment. rc's own calls are refused,
# by strace: without -f its scripts fork as they like.

load lib/tree

setup() { tree_new; }
teardown() { tree_end; }

# refused ERROR WHEN LEVEL [CALLS]: rc, whose calls number WHEN (strace's "when") for a process fail.
refused() {
  strace -E ASAN_OPTIONS=detect_leaks=0 -o /dev/null -e inject="${4:-clone,fork,vfork,clone3}:error=$1:when=$2" \
    "$BUILD/rc" --root "$ROOT" "$3" >"$ROOT/out" 2>&1
}

@test "a refused process is tried again: each stop and each start runs once, and a line says so" {
  for level in 0 2; do
    service "$level" "K0${level}a$level" && service "$level" "K0${level}b$level"
    depend stop "TARGETS = a$level b$level" "b$level: a$level"
    for error in EAGAIN ENOMEM; do
      rm -f "$ROOT/ran" "$ROOT/run/curfew/stopped"
      PREVLEVEL=3 refused "$error" 1..6 "$level"
      [ "$(xargs <"$ROOT/ran")" = "a$level stop b$level stop" ]
      grep -q "K0${level}a$level not run: .*; it is tried again for up to 60 s" "$ROOT/out"
      ! grep -q 'failure' "$ROOT/out" || false
    done
  done
}

@test "a script whose progress no helper can read is not left alone while it computes" {
  echo LIMIT=6 >"$ROOT/etc/default/curfew"
  service 0 K01a
  body a "perl -e '\$end = time + 9; 1 while time < \$end'; : >'$ROOT/computed'"
  refused EAGAIN 2+ 0
  [ -e "$ROOT/computed" ]
}

@test "what a daemon prints after rc is lost only where no process could be had, and that is said" {
  service 2 S01a
  body a "(sleep 2; echo late && : >'$ROOT/said') & echo \$! >>'$ROOT/pids'"
  refused EAGAIN 1..8 2
  until_true test -e "$ROOT/said"
  # Not vfork(2), which starts the scripts of level 2.
  refused EAGAIN 1+ 2 clone
  grep -qx 'rc: no process to read on: what services still write is lost' "$ROOT/out"
}
