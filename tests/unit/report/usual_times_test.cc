// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/usual_times.h"

#include "check.h"
#include "report/trace_maker.h"

namespace usual_times_test {
using namespace curfew;

namespace {

UsualTimes Of(std::initializer_list<long long> milliseconds) {
  UsualTimes usual;
  for (const long long time : milliseconds) {
    usual.Add(TraceMaker().Start("a").Wait(time).End("a").Run());
  }
  return usual;
}

}  // namespace

TEST("usual times: the median of three runs and more, of fewer nothing") {
  const RecordedScript script = TraceMaker().Plan("a").Run().scripts[0];
  CHECK(Of({300, 100, 9000}).Of(script) == 300000);
  CHECK(Of({300, 100, 9000, 500}).Of(script) == 400000);
  CHECK(!Of({300, 100}).Of(script));
  const auto all = Of({300, 100, 9000}).All();
  CHECK(all == (UsualDurations{{{"a", Action::kStop}, std::chrono::milliseconds(300)}}));
  CHECK(Of({300, 100}).All().empty());
  const RecordedScript other = TraceMaker().Plan("b").Run().scripts[0];
  CHECK(!Of({300, 100, 9000}).Of(other));
}

TEST("usual times: a run in which the script failed or was left alone does not count") {
  UsualTimes usual = Of({100, 200});
  usual.Add(TraceMaker()
                .Start("a")
                .Add(R"("event":"abandoned","service":"a","action":"stop","reason":"x")")
                .Run());
  CHECK(!usual.Of(TraceMaker().Plan("a").Run().scripts[0]));
}

TEST("usual times: twice as long and half a second more is unusual") {
  CHECK(IsUnusual(1100000, 500000));
  CHECK(!IsUnusual(900000, 500000) && !IsUnusual(400000, 1000));
}

}  // namespace usual_times_test
