// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/recorded_run.h"

#include "check.h"

namespace recorded_run_test {
using namespace curfew;

namespace {

/// A trace out of events without their time: each comes a second after the one before.
std::string Trace(std::initializer_list<const char*> events) {
  std::string text;
  long long time = 0;
  for (const char* event : events) {
    text += "{\"time_us\":" + std::to_string(time += 1000000) + "," + event + "}\n";
  }
  return text;
}

constexpr char kBegin[] =
    R"("event":"begin","schema":1,"wall_us":1764367181000000,"level":"0","previous":"2","scripts":2)";
constexpr char kPlanA[] =
    R"("event":"script","service":"a","link":"K01a","action":"stop","stages":"","after":[],"limit_s":90)";
constexpr char kPlanB[] =
    R"("event":"script","service":"b","link":"K02b","action":"stop","after":["a"])";
constexpr char kStartA[] =
    R"("event":"start","service":"a","link":"K01a","action":"stop","stages":"","pid":10)";
constexpr char kEndA[] =
    R"("event":"exit","service":"a","action":"stop","status":"exit status 1","outcome":"failed")";
constexpr char kStartB[] =
    R"("event":"start","service":"b","link":"K02b","action":"stop","stages":"kill","pid":11)";
constexpr char kEndB[] =
    R"("event":"exit","service":"b","action":"stop","status":"exit status 0","outcome":"ended")";

RecordedRun Read(const std::string& text) {
  return ReadRecordedRun({text, false});
}

}  // namespace

TEST("recorded run: scripts with their edges, times and ends") {
  const RecordedRun run = Read(Trace({kBegin, kPlanA, kPlanB, kStartA,
                                      R"("event":"line","service":"a","text":"no such pid")", kEndA,
                                      R"("event":"scripts-end")"}));
  CHECK(run.began && run.schema == 1 && run.IsShutdown() && run.edges_known && run.scripts_end);
  CHECK_EQ(run.scripts.size(), 2u);
  CHECK_EQ(run.scripts[0].link, "K01a");
  CHECK(run.scripts[0].outcome == RecordedOutcome::kFailed);
  CHECK(run.scripts[0].DurationUs() == 2000000);
  CHECK_EQ(run.scripts[0].last_line, "no such pid");
  CHECK(run.scripts[1].after == std::vector<std::string>{"a"});
  CHECK(run.scripts[1].outcome == RecordedOutcome::kPlanned && !run.scripts[1].DurationUs());
  CHECK(run.wall_offset_us == 1764367181000000 - 1000000);
  CHECK(!run.damage);
}

TEST("recorded run: the status alone tells how a script of an old trace ended") {
  const auto outcome = [](const char* status) {
    const std::string end =
        std::string(R"("event":"exit","service":"a","action":"stop","status":")") + status + "\"";
    return Read(Trace({R"("event":"begin","level":"0","previous":"2","scripts":1)", kStartA,
                       end.c_str()}))
        .scripts[0]
        .outcome;
  };
  CHECK(outcome("exit status 0") == RecordedOutcome::kEnded);
  CHECK(outcome("exit status 3") == RecordedOutcome::kFailed);
  CHECK(outcome("exit status 5") == RecordedOutcome::kNotInstalled);
  CHECK(outcome("killed by SIGKILL") == RecordedOutcome::kFailed);
  CHECK(outcome("not run: Permission denied") == RecordedOutcome::kFailed);
  CHECK(outcome("ended") == RecordedOutcome::kEnded);
}

TEST("recorded run: a restart that became a halt is one run, and keeps what was done") {
  const RecordedRun run =
      Read(Trace({R"("event":"begin","level":"6","previous":"2","scripts":2)", kStartA, kEndA,
                  kStartB, R"("event":"scripts-end")",
                  R"("event":"begin","level":"0","previous":"6","scripts":1)", kStartB}));
  CHECK(run.levels == std::vector<std::string>({"6", "0"}));
  CHECK_EQ(run.previous, "2");
  CHECK(!run.scripts_end && run.scripts.size() == 2);
  CHECK(run.scripts[0].outcome == RecordedOutcome::kFailed);
  CHECK(run.scripts[1].start_us == 4000000);
}

TEST("recorded run: a script that was left alone took until then, and stays so when it ends") {
  const RecordedRun run = Read(
      Trace({kBegin, kStartA,
             R"("event":"abandoned","service":"a","action":"stop","reason":"no progress for 2 s")",
             kEndA, R"("event":"skipped","service":"b","action":"stop")"}));
  CHECK(run.scripts[0].outcome == RecordedOutcome::kAbandoned);
  CHECK_EQ(run.scripts[0].reason, "no progress for 2 s");
  CHECK(run.scripts[0].DurationUs() == 1000000);
  CHECK(run.scripts[1].outcome == RecordedOutcome::kSkipped);
}

TEST("recorded run: a stage in the place of a script is that script, the others stand alone") {
  const RecordedRun run = Read(Trace({kBegin, kStartB, R"("event":"stage-start","stage":"kill")",
                                      R"("event":"killed","pid":12,"name":"123")",
                                      R"("event":"stage-end","stage":"kill","took_us":5)", kEndB,
                                      R"("event":"stage-start","stage":"sync")",
                                      R"("event":"stage-end","stage":"sync","took_us":300)",
                                      R"("event":"stage-start","stage":"unmount")"}));
  CHECK_EQ(run.stages.size(), 2u);
  CHECK(run.stages[0].name == "sync" && run.stages[0].took_us == 300);
  CHECK(run.stages[1].name == "unmount" && !run.stages[1].took_us);
  CHECK(run.findings == std::vector<Finding>({{"killed", "123[12]"}}));
}

TEST("recorded run: a file system that is read-only at the second try is not told as writable") {
  const RecordedRun run = Read(Trace({kBegin, R"("event":"read-only","target":"/","done":0)",
                                      R"("event":"read-only","target":"/a","done":0)",
                                      R"("event":"read-only","target":"/a","done":0)",
                                      R"("event":"read-only","target":"/","done":1)"}));
  CHECK(run.findings == std::vector<Finding>({{"read-only", "/a"}}));
}

TEST("recorded run: what the next boot saw counts, its clock does not") {
  const RecordedRun run = Read(Trace({kBegin, R"("event":"trace-end")"}) +
                               R"({"time_us":9,"event":"next-boot","clean":0,"reason":"/ had to )"
                               R"(be repaired"})"
                               "\n");
  CHECK(run.trace_end && run.next_boot && !run.next_boot->clean);
  CHECK_EQ(run.next_boot->reason, "/ had to be repaired");
  CHECK(run.last_us == 2000000);
}

TEST("recorded run: what is no event is counted, and a line without its end is not believed") {
  const std::string deep(5000, '[');
  const RecordedRun run =
      Read("\n[1]\n{}\nx\n" + deep + "\n" + Trace({kBegin, kStartA}) + std::string(9, '\0') + "\n" +
           R"({"time_us":5,"event":"trace-end"})");
  CHECK(run.began && !run.trace_end);
  CHECK(run.damage.unreadable == 6 && run.damage.torn);
}

TEST("recorded run: an event that another writer put behind a torn line counts") {
  const RecordedRun run =
      Read(Trace({kBegin}) + R"({"time_us":5,"event":"li{"time_us":6,"event":"trace-end"})" + "\n");
  CHECK(run.trace_end && run.damage.unreadable == 1);
}

TEST("recorded run: numbers as text are read, impossible times are none") {
  const RecordedRun run =
      Read(R"({"time_us":"7","event":"begin","schema":"2","wall_us":-1,"level":0,"previous":"2"})"
           "\n"
           R"({"time_us":-9223372036854775808,"event":"start","service":"a","action":"stop"})"
           "\n"
           R"({"time_us":1e300,"event":"exit","service":"a","action":"stop"})"
           "\n"
           R"({"time_us":3,"event":"start","service":"b","action":"stop"})"
           "\n"
           R"({"time_us":2,"event":"exit","service":"b","action":"stop"})"
           "\n");
  CHECK(run.schema == 2 && run.begin_us == 7 && run.Level() == "0" && !run.wall_offset_us);
  CHECK(run.scripts[0].DurationUs() == 0 && run.scripts[1].DurationUs() == 0);
}

TEST("recorded run: a file of a million services does not take all memory") {
  std::string text = Trace({kBegin});
  for (int i = 0; i < 50000; ++i) {
    text += R"({"event":"start","action":"stop","service":")" + std::to_string(i) + "\"}\n";
  }
  const RecordedRun run = Read(text);
  CHECK(run.scripts.size() == 20000 && run.dropped == 30000);
}

TEST("recorded run: the stages that count come after the last script, beside the guard's") {
  const RecordedRun run = Read(Trace({kBegin, R"("event":"stage-start","stage":"dead-man")",
                                      kStartA, R"("event":"stage-start","stage":"trace")",
                                      R"("event":"stage-end","stage":"trace","took_us":5)", kEndA,
                                      R"("event":"stage-start","stage":"sync")"}));
  CHECK(run.stages.size() == 1 && run.stages[0].name == "sync");
}

TEST("recorded run: notes that sum up the run are not told again, and power needs no end") {
  const RecordedRun run =
      Read(Trace({kBegin, R"("event":"note","text":"a cycle")", R"("event":"scripts-end")",
                  R"("event":"note","text":"1 services stopped in 2 s")",
                  R"("event":"stage-start","stage":"power")"}));
  CHECK(run.notes == std::vector<std::string>{"a cycle"});
  CHECK(run.stages[0].took_us == 0);
}

}  // namespace recorded_run_test
