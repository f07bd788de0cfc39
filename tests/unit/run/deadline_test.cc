// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/deadline.h"

#include "check.h"

namespace deadline_test {
using namespace curfew;

namespace {

using namespace std::chrono_literals;
using Verdict = Deadline::Verdict;

constexpr Deadline::Time kBegin{};

Script Limited(std::chrono::seconds limit, std::chrono::seconds hard) {
  Script script;
  script.limit = limit;
  script.limit_hard = hard;
  return script;
}

}  // namespace

TEST("patience: without progress a script is overdue after its limit, with a notice 30 s before") {
  Deadline patience(Limited(90s, 0s), kBegin);
  CHECK(patience.Judge(kBegin + 59s) == Verdict::kWait);
  CHECK(patience.Judge(kBegin + 60s) == Verdict::kNearQuiet);
  CHECK(patience.Quiet(kBegin + 60s) == 60s && patience.Left(kBegin + 60s) == 30s);
  CHECK(patience.Judge(kBegin + 61s) == Verdict::kWait);
  CHECK(patience.Judge(kBegin + 89s) == Verdict::kWait);
  CHECK(patience.Judge(kBegin + 90s) == Verdict::kQuiet);
}

TEST("patience: the notice of a short limit comes when a third of it is left") {
  Deadline patience(Limited(9s, 0s), kBegin);
  CHECK(patience.Judge(kBegin + 5900ms) == Verdict::kWait);
  CHECK(patience.Judge(kBegin + 6s) == Verdict::kNearQuiet);
}

TEST("patience: progress begins a new quiet spell, which has a notice of its own") {
  Deadline patience(Limited(90s, 0s), kBegin);
  CHECK(patience.Judge(kBegin + 60s) == Verdict::kNearQuiet);
  patience.Progressed(kBegin + 70s);
  CHECK(patience.Judge(kBegin + 120s) == Verdict::kWait);
  CHECK(patience.Judge(kBegin + 130s) == Verdict::kNearQuiet);
  CHECK(patience.Judge(kBegin + 159s) == Verdict::kWait);
  CHECK(patience.Judge(kBegin + 160s) == Verdict::kQuiet);
}

TEST("patience: progress without end is overdue after the hard limit, with one notice") {
  Deadline patience(Limited(90s, 600s), kBegin);
  Verdict verdict = Verdict::kWait;
  int notices = 0;
  std::chrono::seconds passed = 0s;
  for (; passed <= 600s && verdict != Verdict::kHard; passed += 1s) {
    patience.Progressed(kBegin + passed);
    verdict = patience.Judge(kBegin + passed);
    if (verdict == Verdict::kNearHard) ++notices;
  }
  CHECK(passed == 601s);
  CHECK_EQ(notices, 1);
}

TEST("patience: a script with one limit for both has one notice, and hangs if it did nothing") {
  Deadline patience(Limited(60s, 60s), kBegin);
  CHECK(patience.Judge(kBegin + 40s) == Verdict::kNearQuiet);
  CHECK(patience.Judge(kBegin + 50s) == Verdict::kWait);
  CHECK(patience.Judge(kBegin + 60s) == Verdict::kQuiet);
}

TEST("patience: a script that may take for ever is never overdue") {
  Deadline patience(Limited(0s, 0s), kBegin);
  patience.Shorten(kBegin);
  CHECK(patience.Judge(kBegin + 10h) == Verdict::kWait);
}

TEST("patience: after another's hang a third of the limit is enough") {
  Deadline patience(Limited(90s, 0s), kBegin);
  patience.Shorten(kBegin);
  CHECK(patience.limit() == 30s);
  CHECK(patience.Judge(kBegin + 20s) == Verdict::kNearQuiet);
  CHECK(patience.Judge(kBegin + 30s) == Verdict::kQuiet);
}

TEST("patience: a script that runs when another hangs has a third from then on, and no more") {
  Deadline late(Limited(90s, 0s), kBegin), early(Limited(90s, 0s), kBegin);
  late.Shorten(kBegin + 50s);
  CHECK(late.Judge(kBegin + 79s) == Verdict::kNearQuiet);
  CHECK(late.Judge(kBegin + 80s) == Verdict::kQuiet);
  early.Shorten(kBegin + 89s);
  CHECK(early.Judge(kBegin + 90s) == Verdict::kQuiet);
}

TEST("the script phase ends after its budget, but not during progress until twice of it") {
  CHECK(!BudgetOver(0s, 10h, 10h));
  CHECK(!BudgetOver(900s, 899s, 899s));
  CHECK(BudgetOver(900s, 900s, 10s));
  CHECK(!BudgetOver(900s, 900s, 9s));
  CHECK(!BudgetOver(900s, 1799s, 0s));
  CHECK(BudgetOver(900s, 1800s, 0s));
}

}  // namespace deadline_test
