// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

#include <cstdio>
#include <cstring>

namespace check {
namespace {

int g_failures = 0;

bool Has(const Test& test, const char* word) {
  return std::strstr(test.name, word) || std::strstr(test.file, word);
}

}  // namespace

std::vector<Test>& Tests() {
  static std::vector<Test> tests;
  return tests;
}

void Fail(const char* file, int line, const std::string& what) {
  ++g_failures;
  std::printf("# %s:%d: %s\n", file, line, what.c_str());
}

}  // namespace check

/// unit [WORD | I/N]: runs all tests, those with WORD in the name or in the path of their file, or
/// the I-th of N parts of all, and prints TAP; exit 1 if one failed or there was none.
int main(int argc, char** argv) {
  const char* word = argc > 1 ? argv[1] : "";
  int part = 1, parts = 1, number = 0, failed = 0, run = 0;
  if (std::sscanf(word, "%d/%d", &part, &parts) == 2) word = "";
  for (const check::Test& test : check::Tests()) {
    if (number++ % parts != part - 1 || !check::Has(test, word)) continue;
    check::g_failures = 0;
    test.body();
    failed += check::g_failures > 0;
    std::printf("%s %d - %s\n", check::g_failures > 0 ? "not ok" : "ok", ++run, test.name);
    std::fflush(stdout);
  }
  std::printf("1..%d\n", run);
  return failed || !run ? 1 : 0;
}
