#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The short form of `make bench`, with generous limits: ours beside Debian's own in the same run, on a
# machine that may have much else to do.

load guard.bash

@test "ours is not clearly slower than Debian's rc, sendsigs and umountfs in the same run" {
  run "$BATS_TEST_DIRNAME/../bench/compare" --short 3
  echo "$output"
  [ "$status" -eq 0 ]
  # Each row has three runs of both.
  [ "$(grep -cE '^\| .* \| [0-9.]+ \| Debian[^|]* \| [0-9.]+ \| [0-9.]+ \| [0-9.]+ \| 3 \|$' <<< "$output")" -eq 6 ]
}
