// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/rooted.h"

#include "check.h"

namespace rooted_test {
using namespace curfew;

TEST("the prefix of a tree is never empty, which would be the machine itself") {
  CHECK(TreePrefix("").error == std::errc::invalid_argument);
  for (const char* dir : {"/", "//", "///"}) CHECK_EQ(TreePrefix(dir).value, std::string("/."));
  CHECK_EQ(TreePrefix("/srv/tree/").value, std::string("/srv/tree"));
  for (const char* dir : {"/.", "/..", "/proc/1/root", "."}) CHECK(!TreePrefix(dir).value.empty());
}

}  // namespace rooted_test
