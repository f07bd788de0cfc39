// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/assignments.h"

#include <string>
#include <utility>
#include <vector>

#include "check.h"

namespace assignments_test {
using namespace curfew;

namespace {

std::string Values(const std::string& text, std::vector<std::string>* warnings) {
  std::string all;
  for (const Assignment& a : ParseAssignments("f", text, warnings)) {
    all += a.name + "=" + a.value + "@" + std::to_string(a.line) + "|";
  }
  return all;
}

std::string Values(const std::string& text) {
  std::vector<std::string> warnings;
  std::string all = Values(text, &warnings);
  CHECK_EQ(warnings, std::vector<std::string>());
  return all;
}

}  // namespace

TEST("assignments: quotes, backslashes, comments and blanks are read as sh reads them") {
  CHECK_EQ(Values("A=b\n# c\n\n  B='x y' # no\n"), "A=b@1|B=x y@4|");
  CHECK_EQ(Values("A=\"a\\\"b\\c\"'$d'e\\ f  \n"), "A=a\"b\\c$de f@1|");
  CHECK_EQ(Values("export A=1 B=2; C=3\nexport A\nD=\n"), "A=1@1|B=2@1|C=3@1|D=@3|");
  CHECK_EQ(Values("A='two\nlines'\nB=b#c\r\n"), "A=two\nlines@1|B=b#c@3|");
  CHECK_EQ(Values("A=on\\\ne\nB=2"), "A=one@1|B=2@3|");
}

TEST("assignments: what needs a shell is named with its line, and the rest is kept") {
  std::vector<std::string> warnings;
  CHECK_EQ(Values("A=1\nB=$(reboot)\nC=`x`\nif true; then\nD=\"$A\"\n. /x\nE=5\n", &warnings),
           "A=1@1|E=5@7|");
  CHECK_EQ(warnings.size(), 5u);
  CHECK_EQ(warnings[0], "f:2: needs a shell to evaluate; ignored");
  CHECK_EQ(warnings[2], "f:4: no plain assignment; ignored");
}

TEST("assignments: what looks like a construct and is none costs its own line") {
  std::vector<std::string> warnings;
  CHECK_EQ(Values("echo if\nB=2\n: # if (\nC=3\necho \\{ 'case' x=(\nD=4\n", &warnings),
           "B=2@2|C=3@4|D=4@6|");
  CHECK_EQ(Values("A=x\\", &warnings), "A=x\\@1|");
  CHECK_EQ(Values(std::string("A=\\\0\nB=1\n", 9), &warnings), "B=1@2|");
}

TEST("assignments: a quote without end costs one line, not the file") {
  std::vector<std::string> warnings;
  CHECK_EQ(Values("A='x\nB=2\n", &warnings), "B=2@2|");
  CHECK_EQ(warnings, std::vector<std::string>{"f:1: a quote that does not end; ignored"});
  // Nor does a NUL pass, whatever is before it.
  for (const std::string before : {"A=", "A=\\", "A=\"\\", "A='"})
    CHECK_EQ(Values(before + '\0' + "\nB=2\n", &warnings), "B=2@2|");
}

TEST("assignments: what goes on for more than 100 lines is none, and is not read again and again") {
  const auto lines = [](int count) { return std::string(static_cast<std::size_t>(count), '\n'); };
  CHECK_EQ(Values("A='" + lines(100) + "'\nB=2\n"), "A=" + lines(100) + "@1|B=2@102|");
  using Warnings = std::vector<std::string>;
  Warnings warnings;
  CHECK_EQ(Values("A='" + lines(101) + "'; C=3\nB=2\n", &warnings), "B=2@103|");
  CHECK_EQ(warnings, Warnings{"f:1: a quote that does not end; ignored with all up to line 102"});
  std::string folded = "A=1";
  for (int i = 0; i < 101; ++i) folded += "\\\n";
  CHECK_EQ(Values(folded + "1\nB=2\n", &warnings), "B=2@103|");
  // Each of these lines opens a quote, and all close that of the line before.
  std::string quotes;
  for (int i = 0; i < 20000; ++i) quotes += "A=\\''\n";
  CHECK(Values(quotes + "'\nB=2\n", &warnings).ends_with("B=2@20002|"));
}

TEST("assignments: binary garbage ends with few warnings") {
  std::string garbage = "A=1\n";
  for (int i = 0; i < 20000; ++i) garbage += static_cast<char>(i * 7919 % 256);
  std::vector<std::string> warnings;
  Values(garbage + "\nB=2\n", &warnings);
  CHECK(!warnings.empty() && warnings.size() <= 6);
}

TEST(
    "assignments: nothing counts below what a shell would have to decide, and the line says how "
    "far") {
  const std::pair<const char*, const char*> kCases[] = {
      {"if [ -e /x ]; then\n  HALT=halt\nfi\n", "3"},
      {"NOTE=\"of $OWNER:\nHALT=halt\n\"\n", "3"},
      {"case $x in\n  a) HALT=halt ;;\n  b)\n    HALT=b\n    ;;\nesac\n", "6"},
      {"for i in 1; do\n  if x; then\n    HALT=a\n  fi\ndone\n", "5"},
      {"while x\ndo\nHALT=a\ndone # fi\n", "4"},
      {"f() {\n  HALT=a\n}\n", "3"},
      {"X=$(\n HALT=a\n)\n", "3"},
      {"[ -e /x ] && {\nHALT=a\n}\n", "3"}};
  for (const auto& [text, last] : kCases) {
    std::vector<std::string> warnings;
    CHECK_EQ(Values(std::string("A=1\n") + text + "B=2\n", &warnings).substr(0, 6), "A=1@1|");
    CHECK(Values(text + std::string("B=2\n"), &warnings).starts_with("B=2@"));
    CHECK_EQ(warnings.size(), 2u);
    CHECK(warnings[1].starts_with("f:1: "));
    CHECK(warnings[1].ends_with("; ignored with all up to line " + std::string(last)));
  }
}

}  // namespace assignments_test
