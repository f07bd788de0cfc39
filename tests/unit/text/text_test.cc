// SPDX-License-Identifier: GPL-2.0-or-later
#include "text/text.h"

#include "check.h"

namespace text_test {
using namespace curfew;

TEST("the last line needs no newline, and an empty line is one") {
  CHECK_EQ(Lines("a\n\nb").size(), 3u);
  CHECK_EQ(Lines("a\n").size(), 1u);
  CHECK(Lines("").empty());
  CHECK_EQ(FirstLine("one\ntwo"), std::string_view("one"));
}

TEST("a number is the whole text or none") {
  CHECK_EQ(*ParseNumber<int>("812"), 812);
  for (const char* text : {"", "8 ", " 8", "8x", "+8", "99999999999999999999"})
    CHECK(!ParseNumber<int>(text));
}

TEST("a number is found behind its key at the beginning of a line alone") {
  const char text[] = "MemFree:  5 kB\nDirty:     1284 kB\nNoDirty: 7\nBad: x\n";
  CHECK_EQ(*NumberAfter(text, "Dirty"), 1284u);
  CHECK_EQ(*NumberAfter(text, "MemFree"), 5u);
  for (const char* key : {"irty", "Mem", "Bad", "Writeback"}) CHECK(!NumberAfter(text, key));
}

}  // namespace text_test
