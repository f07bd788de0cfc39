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

TEST("escape: of each range of controls the first and the last, and nothing beside them") {
  const auto encoded = [](unsigned code) {
    std::string text;
    if (code < 0x80) return text += static_cast<char>(code);
    if (code >= 0x800)
      text = {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 63))};
    else
      text = static_cast<char>(0xC0 | code >> 6);
    return text += static_cast<char>(0x80 | (code & 63));
  };
  for (const unsigned code :
       {0x1F, 0x7F, 0x9F, 0x200E, 0x200F, 0x2028, 0x202E, 0x2066, 0x2069, 0xFEFF})
    CHECK(Escaped(encoded(code)).starts_with("\\x"));
  for (const unsigned code :
       {0x20, 0x7E, 0xA0, 0x200D, 0x2010, 0x2027, 0x202F, 0x2065, 0x206A, 0xFEFE, 0xFF00})
    CHECK_EQ(Escaped(encoded(code)), encoded(code));
}

}  // namespace escape_test
