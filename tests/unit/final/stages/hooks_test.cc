// SPDX-License-Identifier: GPL-2.0-or-later
#include <signal.h>

#include "check.h"
#include "final/context/background.h"
#include "final/sequence.h"
#include "final/stages/stages.h"
#include "final_stage_test.h"

namespace hooks_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;
const std::string kDir = "/etc/curfew/final.d";

struct HookTest : StageTest {
  HookTest() { request.ending = Ending::kPowerOff; }
  void Hook(const std::string& name, int status = 0) {
    kernel.dirs[kDir].push_back(name);
    kernel.programs[kDir + "/" + name] = status;
  }
};

}  // namespace

TEST("hooks run in the order of their names, with what the machine will do") {
  for (auto [ending, word] : {std::pair(Ending::kHalt, "halt"),
                              {Ending::kPowerOff, "poweroff"},
                              {Ending::kRestart, "reboot"},
                              {Ending::kKexec, "kexec"}}) {
    HookTest test;
    test.Hook("20-b");
    test.Hook("10 a");
    test.request.ending = ending;
    HooksStage(test.context);
    CHECK_EQ(test.kernel.calls,
             (Lines{"run " + kDir + "/10 a " + word, "run " + kDir + "/20-b " + word}));
  }
}

TEST("a kexec without a kernel is a reboot to the hooks, too") {
  HookTest test;
  test.Hook("a");
  test.request.ending = Ending::kKexec;
  test.kernel.files["/sys/kernel/kexec_loaded"] = "0\n";
  HooksStage(test.context);
  CHECK_EQ(test.kernel.calls, Lines{"run " + kDir + "/a reboot"});
}

TEST("what cannot be executed, hidden files and what editors and dpkg leave are no hooks") {
  HookTest test;
  for (const char* name : {".hidden", "a~", "b.dpkg-old"}) test.Hook(name);
  test.kernel.dirs[kDir].push_back("README");
  HooksStage(test.context);
  CHECK(test.kernel.calls.empty());
}

TEST("HALT_POWERDOWN_INSERT comes after the hooks, ups-monitor last and only at power-off") {
  for (Ending ending : {Ending::kPowerOff, Ending::kHalt, Ending::kRestart}) {
    HookTest test;
    test.Hook("a");
    test.kernel.programs["/etc/init.d/ups-monitor"] = 0;
    test.request.settings.powerdown_insert = {"upsctl", "-k", "now"};
    test.request.ending = ending;
    HooksStage(test.context);
    CHECK_EQ(test.kernel.calls[1], "run upsctl -k now");
    CHECK_EQ(test.kernel.calls.size(), ending == Ending::kPowerOff ? 3u : 2u);
    CHECK_EQ(test.kernel.Called("run /etc/init.d/ups-monitor poweroff"),
             ending == Ending::kPowerOff);
  }
}

TEST("after -d, which Debian's halt script gives, ups-monitor has been called already") {
  HookTest test;
  test.kernel.programs["/etc/init.d/ups-monitor"] = 0;
  test.request.ups = false;
  HooksStage(test.context);
  CHECK(test.kernel.calls.empty());
}

TEST("a container has its own hooks, but no UPS") {
  HookTest test;
  test.Hook("a");
  test.kernel.programs["/etc/init.d/ups-monitor"] = 0;
  test.request.settings.powerdown_insert = {"upsctl"};
  test.request.container = true;
  HooksStage(test.context);
  CHECK_EQ(test.kernel.calls, Lines{"run " + kDir + "/a poweroff"});
}

TEST("a hook that fails, dies or hangs is named, and the next one runs") {
  HookTest test;
  test.Hook("a", 3 << 8);
  test.Hook("b", SIGSEGV);
  test.Hook("c");
  test.Hook("d");
  test.kernel.errors["run " + kDir + "/c poweroff"] = std::errc::timed_out;
  HooksStage(test.context);
  const std::string c = "hook " + kDir + "/c: ";
  CHECK_EQ(test.said,
           (Lines{"hook " + kDir + "/a: exit status 3",
                  "hook " + kDir + "/b: killed: Segmentation fault", c + "3 s of 60 s",
                  c + "10 s of 60 s", c + "20 s of 60 s", c + "30 s of 60 s", c + "40 s of 60 s",
                  c + "50 s of 60 s", c + "does not end within 60 s; it is killed"}));
  CHECK_EQ(test.kernel.calls.size(), 4u);
}

TEST("a hook that runs on within its limit is no reason for the dead-man") {
  HookTest test;
  Heartbeat heartbeat = Heartbeat::Create();
  test.context.heartbeat = &heartbeat;
  test.Hook("c");
  test.kernel.errors["run " + kDir + "/c poweroff"] = std::errc::timed_out;
  HooksStage(test.context);
  CHECK(heartbeat->beats >= 59);
}

TEST("ups-monitor lasts as long as POWEROFF_WAIT asks, bounded by FINAL_HARD alone") {
  for (const auto& [monitor, hard] :
       {std::pair(std::string("/etc/init.d/ups-monitor"), 1800s), {kDir + "/ups-monitor", 1200s}}) {
    HookTest test;
    if (monitor.starts_with(kDir)) test.Hook("ups-monitor");
    Heartbeat heartbeat = Heartbeat::Create();
    test.context.heartbeat = &heartbeat;
    test.request.settings.final_hard = hard;
    test.kernel.programs[monitor] = 0;
    test.kernel.errors["run " + monitor + " poweroff"] = std::errc::timed_out;
    HooksStage(test.context);
    // The dead-man is told all the while: its budget is 60 s.
    CHECK(heartbeat->beats + 1 >= hard.count());
    CHECK(test.kernel.now >= hard && test.kernel.now < hard + 5s);
    CHECK_EQ(test.said.back(), "hook " + monitor + ": does not end within " +
                                   std::to_string(hard.count()) + " s; it is killed");
  }
}

TEST(
    "ups-monitor ends 10 s before the dead-man would, who counts from the first of the last "
    "stages") {
  for (const auto& [hard, limit] : {std::pair(60s, 30s), {1800s, 1770s}, {25s, 1s}}) {
    HookTest test;
    Heartbeat heartbeat = Heartbeat::Create();
    test.context.heartbeat = &heartbeat;
    heartbeat->begin = 100;
    test.kernel.now = 120s;
    test.request.settings.final_hard = hard;
    test.kernel.programs["/etc/init.d/ups-monitor"] = 0;
    test.kernel.errors["run /etc/init.d/ups-monitor poweroff"] = std::errc::timed_out;
    HooksStage(test.context);
    CHECK_EQ(test.said.back(), "hook /etc/init.d/ups-monitor: does not end within " +
                                   std::to_string(limit.count()) + " s; it is killed");
  }
}

TEST("a disk that hides the hooks is named, and what needs none of it still runs") {
  HookTest test;
  test.Hook("a");
  test.request.settings.powerdown_insert = {"upsctl"};
  test.kernel.children_hang = true;
  test.kernel.on_poll = [&](auto, auto limit) {
    test.kernel.children_hang = false;
    test.kernel.now += limit;
    return 0;
  };
  HooksStage(test.context);
  CHECK_EQ(test.said.size(), 1u);
  CHECK_EQ(test.kernel.calls, Lines{"run upsctl"});
}

TEST("a hook may call halt: the hooks of one shutdown run once") {
  HookTest test;
  test.Hook("a");
  int runs = 0;
  test.kernel.on_call = [&](const std::string& call) {
    if (!call.starts_with("run ") || ++runs > 3) return;
    RunStage(test.context, StageId::kHooks);
  };
  RunStage(test.context, StageId::kHooks);
  CHECK_EQ(runs, 1);
}

TEST("what works beside the stages is waited for before a hook may cut the power") {
  HookTest test;
  test.Hook("a");
  RunInBackground(
      test.context, std::chrono::seconds(1), [] { return std::error_code(); }, [](auto) {});
  HooksStage(test.context);
  CHECK(test.context.background.empty());
}

}  // namespace hooks_test
