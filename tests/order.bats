#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The order in which a Debian goes down, on damaged trees. ORDER_STEP=1, as `make soak` has it, takes
# each of the 2,000; else each fifth.

load lib/tree

setup() { tree_new; }
teardown() { tree_end; }

# property FIRST LAST: lib/order-property on these seeds, in a directory of its own.
property() {
  mkdir "$BATS_TEST_TMPDIR/$1"
  "$BATS_TEST_DIRNAME/lib/order-property" "$BATS_TEST_TMPDIR/$1/root" "$BUILD" "$1" "$2" "${ORDER_STEP:-5}"
}

@test "trees of Debian's own scripts, removed, mixed and cut at every byte, keep the ends' order" {
  local first pid failed=
  local pids=()
  for first in 1 501 1001 1501; do
    property $first $((first + 499)) 3>&- &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=yes; done
  [ -z "$failed" ]
}
