#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# `make demo`, without the downloads.

load ../lib/tree

@test "the demo shows one service that is slow, one that hangs, and what the shutdown waited for" {
  export BUILD
  run "$BATS_TEST_DIRNAME/demo"
  [ "$status" -eq 0 ]
  grep 'K01mirror: no progress for [0-9]* s; left alone' <<<"$output"
  grep 'rc: left alone: mirror (no progress for [0-9]* s)' <<<"$output"
  grep -A 3 '== .*curfew blame ' <<<"$output" | grep -E '^  [3-9]\.[0-9]+ s  ledger$'
  grep -A 3 '== .*curfew blame ' <<<"$output" | grep -E '^  [5-9]\.[0-9]+ s  mirror +left alone'
  grep -E '^  [0-9.]+ s +\+[0-9.]+ s  nginx +after mirror$' <<<"$output"
  "$BUILD/curfew" report --root "$BUILD/demo" | grep -q mirror
}
