// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/escape.h"

#include "check.h"

namespace escape_test {
using namespace curfew;

TEST("escape: printable text stays; controls, bad UTF-8, turns of direction and backslash do not") {
  CHECK_EQ(Escaped("a b~ \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"),
           "a b~ \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  CHECK_EQ(Escaped(std::string("\x1b[2J\0\t\x7f", 7)), "\\x1B[2J\\x00\\x09\\x7F");
  CHECK_EQ(Escaped("\xff\xC0\xAF\xE2\x82"), "\\xFF\\xC0\\xAF\\xE2\\x82");
  CHECK_EQ(Escaped("\xED\xA0\x80 \xC2\x9B \xE2\x80\xAE"),
           "\\xED\\xA0\\x80 \\xC2\\x9B \\xE2\\x80\\xAE");
  CHECK_EQ(Escaped("a\\x41"), "a\\x5Cx41");
}

}  // namespace escape_test
