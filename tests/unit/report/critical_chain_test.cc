// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/critical_chain.h"

#include "check.h"
#include "report/trace_maker.h"

namespace critical_chain_test {
using namespace curfew;

namespace {

/// "b 2000 after a; a 1000 start": each step with its milliseconds.
std::string Chain(const TraceMaker& trace) {
  std::string text;
  for (const ChainStep& step : CriticalChain(trace.Run())) {
    const char* why[] = {"start", "after ", "turn ", "stages ", "unknown"};
    text += (text.empty() ? "" : "; ") + step.name + " " + std::to_string(step.took_us / 1000) +
            " " + why[static_cast<int>(step.why)] + step.before;
    if (step.late_us > 0) text += " +" + std::to_string(step.late_us / 1000);
    if (step.running) text += " running";
  }
  return text;
}

}  // namespace

TEST("chain: of those that a script waits for, the one that ended last held it up") {
  TraceMaker trace;
  trace.Plan("a").Plan("b").Plan("c", R"("a","b")").Plan("d");
  trace.Start("a").Start("b").Start("d").Wait(100).End("b").Wait(900).End("a");
  trace.Start("c").Wait(50).End("d").Wait(950).End("c").ScriptsEnd();
  CHECK_EQ(Chain(trace), "c 1000 after a; a 1000 start");
}

TEST("chain: the stages come last, one by one") {
  TraceMaker trace;
  trace.Plan("a").Start("a").Wait(200).End("a").ScriptsEnd().Wait(30);
  trace.Stage("sync", 100).Stage("power", 10);
  CHECK_EQ(Chain(trace), "power 10 stages sync; sync 100 stages a +30; a 200 start");
}

TEST("chain: a script that waited for its turn began when another had ended") {
  TraceMaker trace;
  trace.Plan("a").Plan("b").Plan("c", R"("a")");
  trace.Start("a").Wait(200).End("a").Start("b").Wait(500).End("b").Start("c").Wait(10).End("c");
  trace.ScriptsEnd();
  CHECK_EQ(Chain(trace), "c 10 turn b; b 500 turn a; a 200 start");
}

TEST("chain: of an unclean end it begins with what the machine still waited for") {
  TraceMaker trace;
  trace.Plan("a").Plan("b", R"("a")").Start("a").Wait(70).End("a").Start("b").Wait(5000);
  trace.Add(R"("event":"note","text":"x")");
  CHECK_EQ(Chain(trace), "b 5000 after a running; a 70 start");
}

TEST("chain: a script that was left alone held up the next until then") {
  TraceMaker trace;
  trace.Plan("a").Plan("b", R"("a")").Start("a").Wait(2000);
  trace.Add(R"("event":"abandoned","service":"a","action":"stop","reason":"x")");
  trace.Start("b").Wait(10).End("b").ScriptsEnd();
  CHECK_EQ(Chain(trace), "b 10 after a; a 2000 start");
}

TEST("chain: scripts that wait for each other, and times that run backwards, end it") {
  TraceMaker trace;
  trace.Plan("a", R"("b")").Plan("b", R"("a")");
  trace.Start("a").End("a").Start("b").End("b").Wait(-5000).Start("a").End("a").ScriptsEnd();
  CHECK(CriticalChain(trace.Run()).size() <= 2);
  CHECK(CriticalChain(RecordedRun()).empty());
}

}  // namespace critical_chain_test
