#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Keys on the kernel command line for a machine that hangs on its way down.
# shellcheck disable=SC2016 # bodies of scripts

load lib/tree

setup() { tree_new; }
teardown() { tree_end; }

cmdline() { echo "BOOT_IMAGE=/vmlinuz $1 ro" >"$ROOT/proc/cmdline"; }

# What ran, sorted, on one line.
all() { sort "$ROOT/ran" | xargs; }

@test "curfew.limit= leaves a stop alone that does not end, and what waits for it goes on" {
  service 0 K01hung && service 0 K02next
  depend stop 'TARGETS = hung next' 'next: hung'
  body hung 'sleep 1000'
  cmdline curfew.limit=1
  rc 0 >"$ROOT/out" </dev/null
  grep -q '^K01hung: no progress for 1 s; left alone' "$ROOT/out"
  [ "$(all)" = "hung stop next stop" ]
  grep -q 'hand-over: halt' "$ROOT/out"
}

@test "curfew.limit= is for the way down only" {
  service 2 S01slow
  body slow 'sleep 2; echo done >>"$0.done"'
  cmdline curfew.limit=1
  rc 2 >"$ROOT/out" </dev/null
  [ -e "$ROOT/etc/init.d/slow.done" ]
  [ "$(grep -c limit "$ROOT/out")" -eq 0 ]
}

@test "curfew.budget= counts all stops together: the rest is skipped, the hand-over follows" {
  service 0 K01first && service 0 K02second && service 0 K03third
  depend stop 'TARGETS = first second third' 'second: first' 'third: second'
  body first 'sleep 1.5'
  body second 'sleep 1000'
  cmdline curfew.budget=5
  rc 0 >"$ROOT/out" </dev/null
  grep -q '^K02second: .*; left alone' "$ROOT/out"
  grep -qx 'K03third: skipped' "$ROOT/out"
  [ "$(all)" = "first stop second stop" ]
  grep -q 'hand-over: halt' "$ROOT/out"
}
