#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A system call that fails once, chosen from those that the shipped rc and halt make.  All of them:
# `make soak`.

BUILD=$(realpath "${BUILD:-build${RELEASE:+/$RELEASE}}")

@test "no single fault of 200 leaves out a stop, a process, the end or a word about it" {
  tests/faults/run 200
}

@test "a program that ends no machine is a fault" {
  local build=$BATS_TEST_TMPDIR/build
  mkdir -p "$build"
  cp "$BUILD"/{rc,curfew,start-stop-daemon} "$build/"
  ln -s "$BUILD/lab" "$build/lab"
  printf '#!/bin/sh\nexit 0\n' > "$build/halt"
  chmod 755 "$build/halt"
  BUILD=$build FAULT_LIMIT=5 run tests/faults/run halt-fast main sync EIO 1
  echo "$output"
  [ "$status" -eq 1 ]
  [[ $output == *"FAULT undisturbed: end=137"* ]]
}
