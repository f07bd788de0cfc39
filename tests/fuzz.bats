#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# How tests/fuzz is run; what it finds nobody knows before.

setup() { cd "$BATS_TEST_DIRNAME/.." || exit; }

@test "an input that breaks a parser fails the run, which names both and goes on with the others" {
  export BUILD=$BATS_TEST_TMPDIR
  mkdir "$BUILD/sanitized"
  cat > "$BUILD/sanitized/fuzz" <<'END'
#!/bin/bash
[ $# -gt 0 ] || { printf '%s\n' good bad last; exit; }
echo 'stat::number_of_executed_units: 7'
[ "$1" != bad ] || { echo 'f.cc:7: does not hold: x' >&2; kill -ABRT $$; }
END
  chmod +x "$BUILD/sanitized/fuzz"
  run tests/fuzz/run 1
  echo "$output"
  [ "$status" -eq 1 ]
  [ "${lines[0]}" = 1..3 ]
  [[ $output == *'ok 1 - fuzz good: 7 inputs in 1 s'* ]]
  [[ $output == *'# f.cc:7: does not hold: x'*'not ok 2 - fuzz bad ended with status 134'* ]]
  [[ $output == *'ok 3 - fuzz last: 7 inputs'* ]]
  JOBS=3 run tests/fuzz/run 1
  [ "$status" -eq 1 ]
  run tests/fuzz/run 1 good
  [ "$status" -eq 0 ]
}

@test "without the program the run of fuzzing fails" {
  BUILD=$BATS_TEST_TMPDIR run tests/fuzz/run 1
  [ "$status" -eq 1 ]
  [[ $output == *'not ok 1 - '* ]]
}

@test "each parser has inputs to begin with, all together less than 300 KB" {
  targets=$(sed -n 's/^FUZZ("\([a-z-]*\)".*/\1/p' tests/fuzz/*.cc)
  [ "$(wc -w <<< "$targets")" -ge 24 ]
  for target in $targets; do
    [ "$target" = marks ] || [ -n "$(ls "tests/fuzz/corpus/$target")" ]
  done
  [ "$(cat tests/fuzz/corpus/*/* | wc -c)" -lt 300000 ]
}
