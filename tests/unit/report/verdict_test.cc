// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/verdict.h"

#include "check.h"
#include "report/trace_maker.h"

namespace verdict_test {
using namespace curfew;

namespace {

std::string Text(const TraceMaker& trace, bool in_memory = false) {
  return JudgeRun(trace.Run(), in_memory).text;
}

TraceMaker Whole() {
  TraceMaker trace;
  trace.Plan("a").Start("a").End("a").ScriptsEnd().Stage("sync", 9).TraceEnd();
  return trace;
}

}  // namespace

TEST("verdict: clean is what ended as planned and the next boot found clean") {
  CHECK_EQ(Text(Whole().NextBoot(true)), "clean");
  CHECK_EQ(Text(Whole()), "ended as planned; no boot has looked at it yet");
  CHECK_EQ(Text(Whole().NextBoot(false, "/home had to be repaired")),
           "unclean: /home had to be repaired");
}

TEST("verdict: a trace without its end names what the machine was at") {
  TraceMaker trace;
  trace.Plan("a").Plan("b").Start("a").Wait(1000).Start("b");
  trace.Wait(34000).Add(R"("event":"line","service":"b","text":"x")");
  CHECK_EQ(Text(trace),
           "unclean: reset or power lost while waiting for a (K01a) and 1 more, for at least 35 s");
  trace.End("b").NextBoot(false, "/ was not unmounted");
  CHECK_EQ(Text(trace),
           "unclean: reset or power lost while waiting for a (K01a), for at least 35 s; / was not "
           "unmounted");
}

TEST("verdict: among the stages it names the stage") {
  TraceMaker trace;
  trace.Start("a").End("a").ScriptsEnd();
  CHECK_EQ(Text(trace), "unclean: reset or power lost after the last script");
  trace.Stage("sync", 1);
  CHECK_EQ(Text(trace), "unclean: reset or power lost after stage sync");
  trace.Add(R"("event":"stage-start","stage":"unmount")");
  CHECK_EQ(Text(trace), "unclean: reset or power lost in stage unmount");
}

TEST("verdict: what was not written is no clean end, whatever the next boot found") {
  const TraceMaker trace =
      Whole().Add(R"("event":"unwritten","target":"/data","error":"Input/output error")");
  CHECK_EQ(Text(TraceMaker(trace).NextBoot(true)),
           "unclean: /data: Input/output error is not written");
}

TEST("verdict: a file system whose mark is dirty is no clean end, unless a later look is clean") {
  const std::string mark =
      R"("event":"mark","target":"/srv","type":"ext4","device":"sda2","state":)";
  const auto text = [&](std::initializer_list<const char*> states) {
    TraceMaker trace = Whole();
    for (const char* state : states) trace.Add(mark + "\"" + state + R"(","why":"x")");
    return Text(trace.NextBoot(true));
  };
  CHECK_EQ(text({"dirty"}), "unclean: sda2 (/srv) is not clean");
  CHECK_EQ(text({"dirty", "clean"}), "clean");
  CHECK_EQ(text({"clean", "dirty"}), "unclean: sda2 (/srv) is not clean");
  CHECK_EQ(text({"unknown", "before"}), "clean");
}

TEST("verdict: a trace with a gap is not called clean") {
  const std::string whole = Whole().NextBoot(true).text();
  const auto verdict = [](const std::string& text, bool cut_off = false) {
    return JudgeRun(ReadRecordedRun({text, cut_off}), false);
  };
  CHECK(verdict(whole).kind == VerdictKind::kClean);
  CHECK(verdict("x\n" + whole).kind == VerdictKind::kEnded);
  CHECK(verdict(whole + "{").kind == VerdictKind::kEnded);
  CHECK(verdict(whole, true).kind == VerdictKind::kEnded);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK(verdict(whole.substr(0, size)).kind != VerdictKind::kClean);
  }
}

TEST("verdict: the next boot does not make an end out of a trace that has none") {
  TraceMaker trace;
  trace.Start("a").NextBoot(true);
  CHECK(JudgeRun(trace.Run(), false).kind == VerdictKind::kUnknown);
}

TEST("verdict: what is in memory goes on, and nobody has lost power") {
  TraceMaker trace;
  trace.Start("a").Wait(3000).Add(R"("event":"note","text":"x")");
  CHECK_EQ(Text(trace, true), "goes on, while waiting for a (K01a), for at least 3 s");
}

TEST("verdict: a boot is done when its scripts are through") {
  const std::string boot = R"({"time_us":1,"event":"begin","schema":1,"level":"S","previous":"N"})"
                           "\n";
  const auto verdict = [](const std::string& text) {
    return JudgeRun(ReadRecordedRun({text, false}), false).text;
  };
  CHECK_EQ(verdict(boot + R"({"time_us":2,"event":"scripts-end"})" + "\n"), "done");
  CHECK_EQ(verdict(boot), "unclean: reset or power lost between two scripts");
}

TEST("verdict: a trace from before schema 1 never had an end, so nothing is said of it") {
  const TraceText old{R"({"time_us":1,"event":"begin","level":"0","previous":"2"})"
                      "\n"
                      R"({"time_us":2,"event":"stage-start","stage":"power"})"
                      "\n",
                      false};
  CHECK(JudgeRun(ReadRecordedRun(old), false).kind == VerdictKind::kUnknown);
}

}  // namespace verdict_test
