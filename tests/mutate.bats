#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The program that changes places of the sources, for `make soak` to see whether a test notices.

setup() { cd "$BATS_TEST_DIRNAME/.." || return; }

@test "a seed chooses so many places of the sources, always the same, each of them once" {
  cp -r src "$BATS_TEST_TMPDIR/src"
  mapfile -t files < <(find "$BATS_TEST_TMPDIR/src" -name '*.cc' | sort)
  tests/mutate/change 3 50 /dev/null "${files[@]}" > "$BATS_TEST_TMPDIR/table"
  [ "$(wc -l < "$BATS_TEST_TMPDIR/table")" -eq 50 ]
  grep -rho 'mutant::On([0-9]*)' "$BATS_TEST_TMPDIR/src" | sort -u > "$BATS_TEST_TMPDIR/numbers"
  [ "$(wc -l < "$BATS_TEST_TMPDIR/numbers")" -eq 50 ]
  cp -r src/. "$BATS_TEST_TMPDIR/src/"
  tests/mutate/change 3 50 /dev/null "${files[@]}" | diff "$BATS_TEST_TMPDIR/table" -
}

@test "each kind of change does what it says while its number is chosen, comments and texts stay" {
  cat > "$BATS_TEST_TMPDIR/a.cc" << 'END'
#include <cstdio>
// if (a == b) true;
static_assert(1 == 1);
const char* text = "a == b && true";  // a < b
int main(int argc, char**) {
  const int two = argc + 1;
  const bool yes = two == 2 && text[0] == 'a';
  if (yes) {
    std::puts("yes");
  }
  std::puts(text);
}
END
  cp "$BATS_TEST_TMPDIR/a.cc" "$BATS_TEST_TMPDIR/old.cc"
  tests/mutate/change 1 100 /dev/null "$BATS_TEST_TMPDIR/a.cc" > "$BATS_TEST_TMPDIR/table"
  # Those that lie in one another exclude one another: another seed, others.
  for seed in {2..9}; do
    cp "$BATS_TEST_TMPDIR/old.cc" "$BATS_TEST_TMPDIR/b.cc"
    tests/mutate/change "$seed" 100 /dev/null "$BATS_TEST_TMPDIR/b.cc" >> "$BATS_TEST_TMPDIR/table"
  done
  diff <(sed 's/.*: //' "$BATS_TEST_TMPDIR/table" | sort -u) - << 'END'
&& -> ||
+ 1 -> - 1
== -> !=
std::puts("yes"); -> ;
std::puts(text); -> ;
yes -> !(yes)
END
  sed "s|/source/mutant|$BATS_TEST_TMPDIR/mutant|" tests/mutate/mutant.h > "$BATS_TEST_TMPDIR/mutant.h"
  sed -i "s|/source/tests/mutate|$BATS_TEST_TMPDIR|" "$BATS_TEST_TMPDIR/a.cc"
  g++ -std=c++20 -o "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/a.cc"
  [ "$("$BATS_TEST_TMPDIR/a" | wc -l)" -eq 2 ]
  sed -n '/puts("yes"); -> ;$/s/ .*//p' "$BATS_TEST_TMPDIR/table" | head -n 1 > "$BATS_TEST_TMPDIR/mutant"
  [ "$("$BATS_TEST_TMPDIR/a")" = 'a == b && true' ]
}
