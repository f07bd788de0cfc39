// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/json_text.h"

#include <boost/json.hpp>

#include "check.h"

namespace json_text_test {
using namespace curfew;

TEST("json: DEL and C1 are escaped, letters beside them are not") {
  CHECK_EQ(JsonText("a\x7F"
                    "b"),
           "\"a\\u007fb\"");
  CHECK_EQ(JsonText("\xC2\x80\xC2\x9F"), "\"\\u0080\\u009f\"");
  // The first letter behind C1, and two whose second byte is one of those.
  for (const char* same : {"\xC2\xA0", "\xC3\x84", "\xDF\x9F"})
    CHECK_EQ(JsonText(same), "\"" + std::string(same) + "\"");
}

}  // namespace json_text_test
