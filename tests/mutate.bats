#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The program that changes a place of the sources, for `make soak` to see whether a test notices.

bats_require_minimum_version 1.5.0

setup() {
  cd "$BATS_TEST_DIRNAME/.."
  cp -r src "$BATS_TEST_TMPDIR/src"
  mapfile -t files < <(find "$BATS_TEST_TMPDIR/src" -name '*.cc' | sort)
}

@test "a seed changes one line of the sources, always the same" {
  for seed in 1 2 3 4 5 6 7 8; do
    said=$(tests/mutate/change "$seed" "${files[@]}")
    run -1 diff -r src "$BATS_TEST_TMPDIR/src"
    [ "$(grep -c '^[<>]' <<< "$output")" = 2 ]
    rm -r "$BATS_TEST_TMPDIR/src"
    cp -r src "$BATS_TEST_TMPDIR/src"
    [ "$(tests/mutate/change "$seed" "${files[@]}")" = "$said" ]
    rm -r "$BATS_TEST_TMPDIR/src"
    cp -r src "$BATS_TEST_TMPDIR/src"
  done
}

@test "comments and texts stay as they are, and each kind of change is made" {
  cat > "$BATS_TEST_TMPDIR/a.cc" << 'END'
// if (a == b) true;
  const char* text = "a == b && true"; // a < b
  if (Ready()) return;
  Start(1);
  return x == 2;
END
  for seed in {1..60}; do
    cp "$BATS_TEST_TMPDIR/a.cc" "$BATS_TEST_TMPDIR/b.cc"
    tests/mutate/change "$seed" "$BATS_TEST_TMPDIR/b.cc" | sed 's/.*: //'
  done | sort | uniq -c | awk '{ $1 = ""; print }' > "$BATS_TEST_TMPDIR/kinds"
  diff "$BATS_TEST_TMPDIR/kinds" - << 'END'
 == -> !=
 Ready() -> !(Ready())
 Start(1); -> ;
END
}
