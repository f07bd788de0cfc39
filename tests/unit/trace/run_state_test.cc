// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/run_state.h"

#include "check.h"
#include "scripted_kernel.h"
#include "trace/status_text.h"

namespace run_state_test {
using namespace curfew;

namespace {

constexpr char kTrace[] =
    R"({"time_us":1000000,"event":"begin","level":"0","previous":"2","scripts":3})"
    "\n"
    R"({"time_us":2000000,"event":"start","service":"a","link":"K01a","action":"stop","pid":10})"
    "\n"
    R"({"time_us":2000000,"event":"start","service":"b","link":"K01b","action":"stop","pid":20})"
    "\n"
    R"({"time_us":3000000,"event":"line","service":"b","text":"Stopping b"})"
    "\n"
    R"({"time_us":4000000,"event":"exit","service":"a","action":"stop","status":"0"})"
    "\n";

}  // namespace

TEST("state: what has begun and not ended runs, with its last line") {
  const RunState state = ReadRunState(kTrace);
  CHECK_EQ(state.level + state.previous, "02");
  CHECK(state.scripts == 3 && state.ended == 1 && state.running.size() == 1);
  CHECK_EQ(state.running[0].link, "K01b");
  CHECK_EQ(state.running[0].last_line, "Stopping b");
  CHECK(state.running[0].pid == 20 && state.running[0].since_us == 2000000);
}

TEST("state: half a line and lines that are no events are ignored") {
  const std::string trace = std::string("[1]\n{}\nx\n") + kTrace + R"({"time_us":5,"event":"ex)";
  CHECK(ReadRunState(trace).running.size() == 1);
  CHECK(ReadRunState("").running.empty());
}

TEST("state: what a second rc adopts is counted once, and goes on") {
  const std::string trace =
      std::string(kTrace) +
      R"({"time_us":6000000,"event":"begin","level":"6","previous":"0","scripts":2})"
      "\n"
      R"({"time_us":6000000,"event":"start","service":"b","link":"K01b","action":"stop","pid":20})"
      "\n";
  const RunState state = ReadRunState(trace);
  CHECK(state.level == "6" && state.running.size() == 1);
  CHECK(state.running[0].since_us == 2000000);
}

TEST("state: a skipped script counts as ended, an abandoned one as left alone until it ends") {
  const std::string trace = std::string(kTrace) +
                            R"({"time_us":5000000,"event":"skipped","service":"c","action":"stop"})"
                            "\n"
                            R"({"time_us":6000000,"event":"abandoned","service":"b",)"
                            R"("action":"stop","reason":"no progress for 2 s"})"
                            "\n";
  const RunState state = ReadRunState(trace);
  CHECK(state.scripts == 3 && state.ended == 2 && state.left_alone == 1);
  CHECK(state.running.size() == 1 && state.running[0].abandoned);
  CHECK_EQ(state.running[0].reason, "no progress for 2 s");
  const std::string later = trace +
                            R"({"time_us":7000000,"event":"exit","service":"b","action":"stop"})"
                            "\n";
  CHECK(ReadRunState(later).ended == 3 && ReadRunState(later).left_alone == 0);
  CHECK(ReadRunState(later).running.empty());
}

TEST("state: the scripts that one run has not done count in the plan of the next") {
  const std::string next =
      std::string(kTrace) +
      R"({"time_us":5000000,"event":"abandoned","service":"b","action":"stop","reason":"x"})"
      "\n"
      R"({"time_us":6000000,"event":"begin","level":"6","previous":"0","scripts":2})"
      "\n"
      R"({"time_us":6000000,"event":"start","service":"b","link":"K01b","action":"stop","pid":20})"
      "\n"
      R"({"time_us":6000000,"event":"abandoned","service":"b","action":"stop","reason":"x"})"
      "\n";
  const RunState state = ReadRunState(next);
  CHECK(state.scripts == 3 && state.ended == 1 && state.left_alone == 1);
}

TEST("status: names the processes a script waits for, not its shell, and the kernel function") {
  ScriptedKernel kernel;
  const auto stat = [](const char* pid, const char* name, const char* parent) {
    return std::string(pid) + " (" + name + ") D " + parent +
           " 20 20 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0\n";
  };
  kernel.dirs["/proc"] = {"1", "20", "21", "self"};
  kernel.files["/proc/1/stat"] = "1 (init) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n";
  kernel.files["/proc/20/stat"] = stat("20", "sh", "1");
  kernel.files["/proc/21/stat"] = stat("21", "cupsd", "20");
  kernel.files["/proc/21/wchan"] = "nfs_wait";
  CHECK_EQ(StatusText(ReadRunState(kTrace), kernel, 16900000),
           "level 0, from 2: 1 of 3 scripts have ended\n"
           "K01b stop, for 14 s: cupsd[21] D nfs_wait\n"
           "  last line: Stopping b\n");
}

TEST("status: an abandoned script has its reason, another one its limit") {
  const std::string begun =
      R"({"time_us":1000000,"event":"start","service":"b","link":"K01b","action":"stop",)"
      R"("pid":20,"limit_s":90})"
      "\n";
  ScriptedKernel kernel;
  const std::string text = StatusText(ReadRunState(begun), kernel, 2000000);
  CHECK(
      text.ends_with("K01b stop, for 1 s: no process is left\n"
                     "  left alone after 90 s without progress\n"));
  const std::string left =
      begun + R"({"time_us":9,"event":"abandoned","service":"b","reason":"600 s in all"})"
              "\n";
  CHECK(StatusText(ReadRunState(left), kernel, 2000000)
            .ends_with("K01b stop, for 1 s, left alone (600 s in all): no process is left\n"));
}

TEST("state: the levels of a boot count apart") {
  const std::string boot = R"({"time_us":1,"event":"begin","level":"S","previous":"N","scripts":9})"
                           "\n"
                           R"({"time_us":2,"event":"skipped","service":"a"})"
                           "\n"
                           R"({"time_us":3,"event":"begin","level":"2","previous":"N","scripts":4})"
                           "\n";
  CHECK(ReadRunState(boot).scripts == 4 && ReadRunState(boot).ended == 0);
}

TEST("status: what rc says of itself counts: its processes, what is left, and what waits") {
  RunState state = ReadRunState(kTrace);
  TakeRunStatus(
      R"({"level":"0","previous":"2","scripts":3,"ended":1,"left_alone":0})"
      "\n"
      R"({"service":"b","link":"K01b","action":"stop","pid":20,"running_s":14,"left_s":76,)"
      R"("processes":["cupsd[21] D nfs_wait"],"behind":["c","d"],"last_line":"","left_alone":0})"
      "\n",
      &state);
  ScriptedKernel kernel;
  CHECK_EQ(StatusText(state, kernel, 16900000),
           "level 0, from 2: 1 of 3 scripts have ended\n"
           "K01b stop, for 14 s: cupsd[21] D nfs_wait\n"
           "  wait for it: c, d\n"
           "  last line: Stopping b\n"
           "  left alone in 76 s, unless it makes progress\n");
}

TEST("status: after the scripts the stage of halt is named") {
  const std::string trace = R"({"time_us":2000000,"event":"stage-start","stage":"unmount"})"
                            "\n";
  ScriptedKernel kernel;
  CHECK(StatusText(ReadRunState(trace), kernel, 5000000).ends_with("stage unmount, for 3 s\n"));
}

}  // namespace run_state_test
