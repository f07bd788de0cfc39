// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/guard/dead_man.h"

#include <sched.h>

#include "check.h"
#include "dead_man_test.h"
#include "final/sequence.h"
#include "final/stages/stages.h"
#include "kernel/run_files.h"

namespace dead_man_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

}  // namespace

TEST("without a tick for the budget: w, s, u, b, and the stage is named") {
  DeadManTest test;
  test.heartbeat->stage = StageNumber(StageId::kUnmount);
  test.Live();
  CHECK_EQ(test.pressed, (Lines{"w@60", "s@60", "u@60", "b@60"}));
  CHECK(test.Wrote("no progress for 60 s in stage unmount; "));
  CHECK(test.Wrote("restarting"));
}

TEST("the next boot finds in the kernel's log why; that stays in pstore, unless PSTORE=no") {
  constexpr const char* kDump = "/sys/module/printk/parameters/always_kmsg_dump";
  for (const bool keep : {true, false}) {
    DeadManTest test;
    test.kernel.links[run_files::kKept] = "/var/log/curfew/000012-20260921-160000-0.jsonl";
    test.kernel.files[kDump] = "N\n";
    test.heartbeat->pstore = keep;
    test.Live();
    CHECK_EQ(test.kernel.files[kDump], std::string(keep ? "Y" : "N\n"));
    CHECK(
        test.Logged("\"event\":\"dead-man-end\",\"reason\":\"no progress for 60 s between two "
                    "stages\"}"));
    CHECK_EQ(test.Logged("\"event\":\"pstore\"}"), keep);
  }
}

TEST("as long as it ticks nothing happens, until the hard limit") {
  DeadManTest test;
  test.each_look = [&] { ++test.heartbeat->beats; };
  test.Live();
  CHECK_EQ(test.pressed[0], "w@1801");
  CHECK(test.Wrote("not done in 1800 s between two stages; "));
}

TEST("a wait that was announced may take its time, and two seconds more") {
  DeadManTest test;
  test.heartbeat->waiting = 200;
  test.Live();
  CHECK_EQ(test.pressed[0], "w@202");
}

TEST("where all CPUs are taken by a real-time process that loses its priority after 10 s") {
  DeadManTest test;
  auto& kernel = test.kernel;
  kernel.dirs["/proc"] = kernel.dirs["/proc/77/task"] = {"77"};
  kernel.files["/proc/stat"] = "cpu  1 2\ncpu0 1 2\n";
  kernel.scheduling[77] = {SCHED_FIFO, 50};
  test.each_look = [&] {
    kernel.files["/proc/77/stat"] = kernel.files["/proc/77/task/77/stat"] =
        "77 (spin) R 1 1 1 0 -1 0 0 0 0 0 " + std::to_string(kernel.now / 10ms) +
        " 0 0 0 20 0 1 0 100 0 0\n";
    if (kernel.Called("set_normal 77")) test.heartbeat->phase = HeartbeatPage::kDone;
  };
  test.Live();
  CHECK(test.pressed.empty() && kernel.now >= 10s && kernel.now < 12s);
  CHECK(test.Wrote("spin[77] takes all CPUs; it has normal priority now"));
}

TEST("processes that take all CPUs are looked for once in each time without a heartbeat") {
  DeadManTest test;
  test.kernel.dirs["/proc"] = {"77"};
  test.each_look = [&] {
    const auto now = test.kernel.now;
    if (now >= 25s && now < 26s) ++test.heartbeat->beats;
    if (now >= 50s) test.heartbeat->phase = HeartbeatPage::kDone;
  };
  test.Live();
  CHECK_EQ(std::count(test.kernel.all.begin(), test.kernel.all.end(), "list /proc"), 2);
}

TEST("time in which the machine slept is not counted as quiet") {
  DeadManTest test;
  bool slept = false;
  test.each_look = [&] {
    if (!slept && test.kernel.now > 30s) test.kernel.now += 500s;
    slept = test.kernel.now > 30s;
  };
  test.Live();
  CHECK_EQ(test.pressed[0], "w@558");
}

TEST("time in which the machine slept does not count for the hard limit and after reboot(2)") {
  DeadManTest test;
  bool slept = false;
  test.each_look = [&] {
    ++test.heartbeat->beats;
    if (!slept && test.kernel.now > 5s) test.kernel.Suspend(3600s);
    slept = test.kernel.now > 5s;
  };
  test.Live();
  // Of the look in which the machine slept 2 s count.
  CHECK_EQ(test.pressed[0], "w@5399");
  DeadManTest ending;
  ending.heartbeat->phase = HeartbeatPage::kReboot;
  bool paused = false;
  ending.each_look = [&] {
    if (!paused && ending.kernel.now > 5s) ending.kernel.Suspend(3600s);
    paused = ending.kernel.now > 5s;
  };
  ending.Live();
  CHECK_EQ(ending.pressed[0], "b@3688");
}

TEST("a dead-man that takes over counts the stages from their begin") {
  DeadManTest test;
  test.kernel.now = 1000s;
  test.kernel.suspended = 400s;
  test.heartbeat->begin = 100;
  test.each_look = [&] { ++test.heartbeat->beats; };
  test.Live();
  CHECK_EQ(test.pressed[0], "w@2300");
}

TEST("when the main process dies it acts at once; while no rc is there it waits") {
  DeadManTest test;
  test.each_look = [&] {
    if (test.kernel.now > 5s) test.main_lives = false;
  };
  test.Live();
  CHECK_EQ(test.pressed[0], "w@5");
  CHECK(test.Wrote("process 4000 has died between two stages; "));
  DeadManTest handed_over;
  handed_over.each_look = [&] {
    if (handed_over.kernel.now > 5s) handed_over.heartbeat->main = 0;
    handed_over.main_lives = handed_over.kernel.now <= 5s;
  };
  handed_over.Live();
  CHECK_EQ(handed_over.pressed[0], "w@60");
}

TEST("without pidfds the main process is watched by its line in /proc") {
  DeadManTest test;
  test.kernel.errors["pidfd_open"] = std::errc::function_not_supported;
  test.each_look = [&] {
    if (test.kernel.now > 5s) test.kernel.files.erase("/proc/4000/stat");
  };
  test.Live();
  CHECK_EQ(test.pressed[0], "w@5");
}

TEST("a slow disk has as long as data go to it, within limits, before all turns read-only") {
  DeadManTest test;
  long dirty = 1000000;
  test.each_look = [&] {
    test.kernel.files["/proc/meminfo"] =
        "M: 1 kB\nDirty: " + std::to_string(dirty -= 100) + " kB\nWriteback: 0 kB\n";
    if (test.kernel.now < 85s) return;
    if (!test.disks_answer) test.log = {"Emergency Sync complete"};
    test.disks_answer = true;
  };
  test.disks_answer = false;
  test.Live();
  CHECK_EQ(test.pressed[1], "s@60");
  CHECK_EQ(test.pressed[2], "u@85");
  DeadManTest dead;
  dead.disks_answer = false;
  dead.Live();
  CHECK_EQ(dead.pressed, (Lines{"w@60", "s@60", "u@70", "b@80"}));
}

TEST("without sysrq it syncs and calls reboot(2) itself") {
  DeadManTest test;
  auto log = test.kernel.Open("/dev/kmsg", 0).value;
  LiveAsDeadMan(test.kernel, *test.heartbeat.page(), {-1, log, -1});
  CHECK(test.kernel.Called("sync"));
  CHECK_EQ(test.pressed[0], "reboot 0x1234567@60");
  CHECK(test.Wrote("reboot(2) in place of sysrq b"));
  DeadManTest off;
  off.heartbeat->restart = 0;
  LiveAsDeadMan(off.kernel, *off.heartbeat.page(), {-1, -1, -1});
  CHECK_EQ(off.pressed.at(0), "reboot 0x4321fedc@60");
}

TEST("where every fork is refused it says its line and presses the keys itself") {
  DeadManTest test;
  test.kernel.errors["fork"] = std::errc::resource_unavailable_try_again;
  test.Live();
  CHECK_EQ(test.pressed.size(), 4u);
  CHECK_EQ(test.pressed[0].substr(0, 1) + test.pressed[3].substr(0, 1), "wb");
  CHECK(test.Wrote("no progress for 60 s") && test.Wrote("dead-man: sysrq b"));
  DeadManTest no_sysrq;
  no_sysrq.kernel.errors["fork"] = std::errc::not_enough_memory;
  LiveAsDeadMan(no_sysrq.kernel, *no_sysrq.heartbeat.page(), {-1, -1, -1});
  CHECK(!no_sysrq.kernel.Called("sync"));
  CHECK(no_sysrq.kernel.Called("reboot 0x1234567"));
}

TEST("told to stand down it goes, and disarms the watchdog") {
  DeadManTest test;
  test.heartbeat->watchdog = 1;
  test.each_look = [&] {
    if (test.kernel.now > 5s) test.heartbeat->phase = HeartbeatPage::kDone;
  };
  test.Live();
  CHECK(test.pressed.empty());
  CHECK(test.kernel.Called("write_open /dev/watchdog V"));
  CHECK(test.kernel.Called("unlink /run/curfew/heartbeat"));
  CHECK(test.kernel.Called("unlink /run/sendsigs.omit.d/curfew"));
}

TEST("a main process that says there is no end any more, and goes, raises no alarm") {
  DeadManTest test;
  test.each_look = [&] {
    test.main_lives = false;
    test.heartbeat->phase = HeartbeatPage::kDone;
  };
  test.Live();
  CHECK(test.pressed.empty());
}

TEST("a daemon that ends in the stage kill leaves its watchdog to the dead-man") {
  DeadManTest test;
  test.kernel.dirs["/sys/class/watchdog"] = {"watchdog0"};
  test.kernel.files["/sys/class/watchdog/watchdog0/state"] = "active\n";
  test.kernel.files["/dev/watchdog0"] = "";
  test.kernel.errors["open /dev/watchdog0"] = std::errc::device_or_resource_busy;
  test.heartbeat->stage = StageNumber(StageId::kKill);
  bool taken_early = false;
  test.each_look = [&] {
    if (test.kernel.now < 5s) taken_early = test.heartbeat->feeds;
    if (test.kernel.now > 5s) test.kernel.errors.clear();
    if (test.kernel.now > 10s) test.heartbeat->stage = StageNumber(StageId::kUnmount);
    if (test.kernel.now > 11s && test.heartbeat->feeds)
      test.heartbeat->phase = HeartbeatPage::kDone;
  };
  test.Live();
  CHECK(!taken_early && test.pressed.empty());
  CHECK(test.kernel.Called("write_open /dev/watchdog0 V"));
}

TEST("an rc that stops ticking among the scripts is an alarm, too") {
  DeadManTest test;
  test.heartbeat->begin = 0;
  test.Live();
  CHECK_EQ(test.pressed[0], "w@60");
  CHECK(test.Wrote("no progress for 60 s among the scripts; "));
}

TEST("where rc has died and no halt follows, the machine ends after FINAL_HARD") {
  DeadManTest test;
  test.heartbeat->begin = 0;
  test.main_lives = false;
  test.Live();
  CHECK_EQ(test.pressed[0], "w@1800");
  CHECK(test.Wrote("no rc for 1800 s among the scripts"));
}

TEST("an rc that dies among the scripts leaves them to the stub, and the end to the next main") {
  DeadManTest test;
  test.heartbeat->begin = 0;
  test.main_lives = false;
  test.each_look = [&] {
    if (test.kernel.now > 300s) test.heartbeat->begin = 300;
  };
  test.Live();
  CHECK_EQ(test.heartbeat->main.load(), 0u);
  CHECK_EQ(test.pressed[0], "w@360");
}

TEST(
    "without rc and without a main that follows the machine ends after FINAL_HARD, fed until "
    "then") {
  DeadManTest test;
  test.heartbeat->begin = 0;
  test.heartbeat->watchdog = 1;
  test.main_lives = false;
  test.Live();
  CHECK(test.pressed[0].starts_with("w@18"));
  CHECK(test.Wrote("no rc for 1800 s among the scripts; "));
  CHECK(test.fed > 1800);
}

TEST("a shutdown whose link another level has removed is given up") {
  DeadManTest test;
  test.heartbeat->begin = 0;
  test.main_lives = false;
  test.kernel.links["/run/curfew/heartbeat"] = "/proc/4001/fd/5";
  test.each_look = [&] {
    if (test.kernel.now > 30s) test.kernel.links.erase("/run/curfew/heartbeat");
  };
  test.Live();
  CHECK(test.pressed.empty() && test.kernel.now < 31s);
}

TEST("as rc's own stage it is started before the end begins") {
  DeadManTest test;
  test.heartbeat->begin = 0;
  RunStage(test.context, StageId::kDeadMan);
  CHECK(test.kernel.Called("daemon @curfew-deadman"));
  CHECK_EQ(test.heartbeat->begin.load(), 0u);
}

TEST("it is started once, before the first stage that is no early one, and found by others") {
  DeadManTest test;
  test.heartbeat->begin = 0;
  test.kernel.now = 5s;
  test.kernel.dirs["/run/sendsigs.omit.d"] = {};
  RunStage(test.context, StageId::kClock);
  CHECK(!test.kernel.Called("daemon @curfew-deadman"));
  RunStage(test.context, StageId::kAccounting);
  CHECK_EQ(test.heartbeat->begin.load(), 5u);
  CHECK_EQ(test.kernel.links["/run/curfew/heartbeat"],
           "/proc/4001/fd/" + std::to_string(test.heartbeat.fd()));
  CHECK_EQ(test.kernel.files["/run/sendsigs.omit.d/curfew"], "4001\n");
  test.kernel.files["/proc/4001/stat"] =
      "4001 (@curfew-deadman) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0";
  test.kernel.calls.clear();
  RunStage(test.context, StageId::kQuota);
  CHECK(!test.kernel.Called("daemon @curfew-deadman"));
  test.kernel.files.erase("/proc/4001/stat");
  RunStage(test.context, StageId::kQuota);
  CHECK(!test.kernel.Called("daemon @curfew-deadman"));
  test.kernel.errors["kill 4001"] = std::errc::no_such_process;
  RunStage(test.context, StageId::kQuota);
  CHECK(test.kernel.Called("daemon @curfew-deadman"));
}

TEST("never in a container, and never without heartbeat") {
  DeadManTest container, other, by_hand;
  container.request.container = true;
  other.kernel.links["/proc/self/ns/pid"] = "pid:[4026532222]";
  by_hand.context.heartbeat = nullptr;
  for (DeadManTest* test : {&container, &other, &by_hand}) {
    RunStage(test->context, StageId::kRecord);
    CHECK(!test->kernel.Called("daemon @curfew-deadman"));
  }
}

}  // namespace dead_man_test
