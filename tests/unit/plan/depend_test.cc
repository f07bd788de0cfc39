// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/depend.h"

#include <string>
#include <vector>

#include "check.h"

namespace depend_test {
using namespace curfew;
using Strings = std::vector<std::string>;

namespace {
Depend Parse(const std::string& text, Strings* warnings) {
  Depend depend = ParseDepend("/d", text);
  *warnings = depend.warnings;
  return depend;
}
}  // namespace

TEST(".depend: targets, interactive and rules are read, also with odd blanks") {
  Strings warnings;
  Depend d = Parse("# c\nTARGETS = a b\r\n\tINTERACTIVE=b\n\nb: a\nc :\ta  b \r\nTARGETS  =  c",
                   &warnings);
  CHECK_EQ(warnings, Strings());
  CHECK_EQ(d.targets, (Strings{"a", "b", "c"}));
  CHECK_EQ(d.interactive, (Strings{"b"}));
  CHECK_EQ(d.rules.size(), 2u);
  CHECK_EQ(d.rules[1].name, "c");
  CHECK_EQ(d.rules[1].deps, (Strings{"a", "b"}));
}

TEST(".depend: a line of 60 KB is one line") {
  std::string line = "TARGETS =";
  for (int i = 0; i < 8000; ++i) line += " svc" + std::to_string(i);
  Strings warnings;
  CHECK(line.size() > 60000);
  CHECK_EQ(Parse(line + "\nb: a\n", &warnings).targets.size(), 8000u);
  CHECK_EQ(warnings, Strings());
}

TEST(".depend: a bad line is named with its number and the others count") {
  Strings warnings;
  Depend d = Parse("TARGETS = a\ngarbage\nWRONG = x\na b: c\n: c\nb: a\n", &warnings);
  CHECK_EQ(d.rules.size(), 1u);
  CHECK_EQ(warnings.size(), 4u);
  CHECK_EQ(warnings[0], "/d:2: no rule, TARGETS or INTERACTIVE; line ignored");
}

TEST(".depend: binary garbage counts as a missing file and is not shown line by line") {
  std::string garbage;
  for (int i = 0; i < 50000; ++i) garbage += static_cast<char>(i % 11 ? i * 31 % 32 : '\n');
  Strings warnings;
  CHECK(!Parse(garbage, &warnings).Usable());
  CHECK(warnings.size() <= 7);
  CHECK_EQ(warnings.back(), "/d: names no service; order comes from headers and numbers");
}

TEST(".depend: a service may have = in its name") {
  const Depend depend = ParseDepend("d", "TARGETS = q=r c\nq=r: c\na=b\n");
  CHECK_EQ(depend.rules.size(), 1u);
  CHECK(depend.rules[0].name == "q=r" && depend.rules[0].deps == std::vector<std::string>{"c"});
  CHECK_EQ(depend.warnings.size(), 1u);
}

}  // namespace depend_test
