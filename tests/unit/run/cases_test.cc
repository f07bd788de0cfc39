// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/cases.h"

#include "check.h"
#include "runner_test.h"

namespace {

using namespace curfew;

/// Three scripts that were left alone, with the keys 1, 2 and 3.
struct Abandoned {
  Abandoned() {
    for (const char* name : {"one", "two", "three"}) scripts.emplace_back().service = name;
    int key = 1;
    for (const Script& script : scripts) cases.Add(key++, script, 100);
  }
  /// A look with evidence of all up to `last`, which did not get past `cut` if that is not 0.
  void Look(int last, int cut) {
    Probe::Answer answer;
    if (cut) answer.cut = cut;
    for (const Cases::Case& c : cases.open()) {
      if (c.key <= last) answer.evidence[c.key] = {"sleep[7] S"};
      if (c.key <= last && c.key != cut) answer.processes[c.key];
    }
    cases.Hear(answer, log);
  }
  std::list<Script> scripts;
  Cases cases;
  Log log;
};

}  // namespace

TEST("cases: what a whole look found is told once, of each") {
  Abandoned abandoned;
  abandoned.Look(3, 0);
  CHECK_EQ(abandoned.log.evidence.size(), 3u);
  CHECK(abandoned.cases.open().empty());
}

TEST("cases: those behind one whose files do not answer are told all the same") {
  Abandoned abandoned;
  for (int look = 0; look < 5; ++look) {
    CHECK_EQ(abandoned.cases.open().size(), 3u);
    abandoned.Look(1, 1);
  }
  CHECK(abandoned.log.evidence.contains("one") && abandoned.cases.open().size() == 2);
  abandoned.Look(2, 2);
  abandoned.Look(3, 0);
  CHECK_EQ(abandoned.log.evidence.size(), 3u);
}

TEST("cases: where no look is possible all end without evidence") {
  Abandoned abandoned;
  int looks = 0;
  for (; !abandoned.cases.open().empty() && looks < 100; ++looks) {
    abandoned.Look(0, abandoned.cases.open().front().key);
  }
  CHECK(looks < 100 && abandoned.log.evidence.empty());
}
