// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/table.h"

#include <algorithm>

#include "check.h"
#include "text/text.h"

namespace table_test {
using namespace curfew;

namespace {

/// Whether each line is no wider, or one word.
bool Fits(const std::string& text, std::size_t width) {
  const auto lines = Lines(text);
  return std::all_of(lines.begin(), lines.end(), [&](std::string_view line) {
    return Width(line) <= width || WordViews(line).size() == 1;
  });
}

}  // namespace

TEST("folded: at blanks, below the indent; a word longer than a line stays whole") {
  CHECK_EQ(Folded("one two three", 8), "one two\nthree\n");
  CHECK_EQ(Folded("one two three", 8, 2), "one two\n  three\n");
  CHECK_EQ(Folded("one two", 8, 2, 6), "\n  one\n  two\n");
  CHECK_EQ(Folded("abcdefghij k", 4), "abcdefghij\nk\n");
  CHECK_EQ(Folded("a bcdefghij", 4, 2), "a\n  bcdefghij\n");
  CHECK_EQ(Folded("äöü äöü", 3), "äöü\näöü\n");
  CHECK_EQ(Folded("", 4), "\n");
  CHECK_EQ(Folded("abc d", 0), "abc d\n");
}

TEST("table: columns are as wide as their cells, the last is folded below itself") {
  CHECK_EQ(Table({{"a", "b"}, {"long", "c"}}), "  a     b\n  long  c\n");
  CHECK_EQ(Table({{"1 s", "b"}, {"12 s", ""}}, 0, "0"), "   1 s  b\n  12 s\n");
  CHECK_EQ(Table({{"a", "some words that are many"}}, 24), "  a  some words that are\n     many\n");
  CHECK_EQ(Table({{"a", "after longest-word"}}, 20), "  a\n      after\n      longest-word\n");
  CHECK_EQ(Table({{"K01a", "stop a", ""}, {"K01nfs-server", "stop nfs", "x y"}}, 20),
           "  K01a stop a\n  K01nfs-server stop\n    nfs\n      x y\n");
  CHECK_EQ(Table({{"service-name", "ended well"}}, 20), "  service-name\n      ended well\n");
}

TEST(
    "table: no line but a long word is wider than the terminal, whatever the cells and the "
    "terminal are") {
  const std::string name(90, 'n');
  const std::vector<Row> rows = {{"1 s", name, name + " a b c"}, {name}, {}, {"", "ä", "x"}};
  for (std::size_t width = 8; width < 200; ++width) CHECK(Fits(Table(rows, width, "0"), width));
}

}  // namespace table_test
