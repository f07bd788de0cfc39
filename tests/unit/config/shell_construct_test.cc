// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/shell_construct.h"

#include <string>

#include "check.h"

namespace shell_construct_test {
using namespace curfew;

TEST("a command ends behind the word that closes it, and behind no longer word that begins so") {
  for (const char* word : {"fia", "fiz", "fiA", "fiZ", "fi0", "fi9", "fi-x", "fi"}) {
    const std::string first = "if test -e /x; then\n  " + std::string(word);
    const std::string text = first + "\nfi\nLIMIT=5\n";
    const std::size_t end = std::string(word) == "fi" ? first.size() : first.size() + 3;
    CHECK_EQ(ConstructEnd(text, 0), end);
  }
}

}  // namespace shell_construct_test
