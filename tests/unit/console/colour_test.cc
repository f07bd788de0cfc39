// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/colour.h"

#include "check.h"

namespace colour_test {
using namespace curfew;

TEST("colours: the words of trouble are painted, each for itself, and nothing else changes") {
  CHECK_EQ(Painted("failed: a\nb left alone (x)\n"),
           "\033[31mfailed\033[m: a\nb \033[33mleft alone\033[m (x)\n");
  CHECK_EQ(Painted("1 failed, 1 left alone"), "1 \033[31mfailed\033[m, 1 \033[33mleft alone\033[m");
  CHECK_EQ(Painted(""), "");
}

TEST("colours: a part of a longer word or of a name is not painted") {
  for (const char* text : {"failedover", "failed-units", "not-failed", "failed.sh", "unfailed",
                           "uncleanly", "left alones", "fail", "clean"})
    CHECK_EQ(Painted(text), text);
}

}  // namespace colour_test
