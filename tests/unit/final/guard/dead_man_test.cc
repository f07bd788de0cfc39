// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/guard/dead_man.h"

#include <linux/watchdog.h>

#include "check.h"
#include "final/sequence.h"
#include "final/stages/stages.h"
#include "final_stage_test.h"

using namespace curfew;
using namespace std::chrono_literals;

namespace {

constexpr pid_t kMain = 4000;

/// A machine in its last stages, and its dead-man. `each_look` happens each time it looks.
struct DeadManTest : StageTest {
  Heartbeat heartbeat = Heartbeat::Create();
  std::function<void()> each_look = [] {};
  std::vector<std::string> log;      ///< What the kernel says next.
  std::vector<std::string> pressed;  ///< Keys and lines, each with the second it came in.
  bool main_lives = true;
  bool disks_answer = true;
  int fed = 0;

  DeadManTest() {
    context.heartbeat = &heartbeat;
    auto& files = kernel.files;
    for (const char* path : {"/proc/sysrq-trigger", "/dev/kmsg", "/dev/watchdog"}) files[path] = "";
    files["/proc/meminfo"] = "MemTotal: 9 kB\nDirty: 0 kB\nWriteback: 0 kB\n";
    files["/proc/" + std::to_string(kMain) + "/stat"] =
        "4000 (halt) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0";
    kernel.links["/proc/self/ns/pid"] = "pid:[4026531836]";
    kernel.on_poll = [this](std::span<pollfd> fds, std::chrono::milliseconds limit) -> Result<int> {
      kernel.now += limit;
      each_look();
      for (pollfd& fd : fds)
        if (kernel.open_paths[fd.fd] == std::to_string(kMain) && !main_lives) fd.revents = POLLIN;
      return 0;
    };
    kernel.on_call = [this](const std::string& call) { Notice(call); };
    kernel.on_ioctl = [this](int, unsigned long request, void*) {
      fed += request == WDIOC_KEEPALIVE;
      return 0;
    };
    heartbeat->budget = 60;
    heartbeat->hard = 1800;
    heartbeat->begin = 1;
    heartbeat->main = kMain;
    heartbeat->restart = 1;
  }

  void Notice(const std::string& call) {
    const std::string key = "write_open /proc/sysrq-trigger ";
    if (call.starts_with(key)) Press(call.substr(key.size()));
    if (call.starts_with("reboot ")) Press(call);
    if (call == "read_open /dev/kmsg") {
      kernel.errors["read_open /dev/kmsg"] = std::errc::resource_unavailable_try_again;
      if (!log.empty()) {
        kernel.errors.erase("read_open /dev/kmsg");
        kernel.files["/dev/kmsg"] = log.front();
        log.erase(log.begin());
      }
    }
  }
  void Press(const std::string& key) {
    const auto second = std::chrono::duration_cast<std::chrono::seconds>(kernel.now).count();
    pressed.push_back(key + "@" + std::to_string(second));
    if (!disks_answer) return;
    if (key == "s") log = {"", "6,1,1,-;Emergency Sync complete\n"};
    if (key == "u") log = {"", "6,2,2,-;Emergency Remount complete\n"};
  }
  bool Wrote(const std::string& words) const {
    for (const auto& call : kernel.calls)
      if (call.starts_with("write_open /dev/kmsg <0>") && call.find(words) != call.npos)
        return true;
    return false;
  }

  void Live() {
    auto open = [this](const char* path) { return kernel.Open(path, 0).value; };
    LiveAsDeadMan(kernel, *heartbeat.page(),
                  {open("/proc/sysrq-trigger"), open("/dev/kmsg"), open("/proc/meminfo")});
  }
};

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

TEST("90 s after reboot(2), or what the drives ask for, b is pressed and nothing else") {
  for (const std::uint32_t asked : {0, 180}) {
    DeadManTest test;
    test.heartbeat->phase = HeartbeatPage::kReboot;
    test.heartbeat->restart = 0;
    test.heartbeat->reboot = asked;
    test.Live();
    CHECK_EQ(test.pressed, Lines{asked ? "b@180" : "b@90"});
    CHECK(test.Wrote("no driver has said anything for " + std::to_string(asked ? asked : 90) +
                     " s after reboot(2); restarting"));
  }
}

TEST("after reboot(2) each driver's line gives time, up to 10 minutes; others give none") {
  const std::string sd =
      "6,1,1,-;sd 2:0:0:0: [sda] Stopping disk\n SUBSYSTEM=scsi\n DEVICE=+scsi:2";
  for (const auto& line : {sd, std::string("12,1,1,-;user DEVICE= says\n"),
                           std::string("3,1,1,-;INFO: task hung\n")}) {
    for (const auto end : {200s, 2000s}) {
      DeadManTest test;
      test.heartbeat->phase = HeartbeatPage::kReboot;
      test.each_look = [&] {
        if (test.kernel.now < end) test.log = {line};
      };
      test.Live();
      const auto time = line == sd ? std::min(end + 90s, 600s) : 90s;
      const auto pressed = std::stol(test.pressed[0].substr(2));
      CHECK(pressed >= time.count() - 1 && pressed <= time.count() + 1);
    }
  }
}

TEST("a reboot(2) that was refused leaves the stages their time") {
  DeadManTest test;
  test.heartbeat->phase = HeartbeatPage::kReboot;
  test.each_look = [&] {
    if (test.kernel.now > 5s) test.heartbeat->phase = HeartbeatPage::kStages;
  };
  test.Live();
  CHECK_EQ(test.pressed[0], "w@65");
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
}

TEST("where every fork is refused it says its line and presses the keys itself") {
  DeadManTest test;
  test.kernel.errors["fork"] = std::errc::resource_unavailable_try_again;
  test.Live();
  CHECK_EQ(test.pressed.size(), 4u);
  CHECK_EQ(test.pressed[0].substr(0, 1) + test.pressed[3].substr(0, 1), "wb");
  CHECK(test.Wrote("no progress for 60 s"));
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

TEST("the watchdog is fed while main advances, and left armed once reboot(2) was called") {
  DeadManTest test;
  test.heartbeat->watchdog = 1;
  int fed_before_reboot = 0;
  test.each_look = [&] {
    ++test.heartbeat->beats;
    if (test.kernel.now < 100s) return;
    if (test.heartbeat->phase == HeartbeatPage::kStages) fed_before_reboot = test.fed;
    test.heartbeat->phase = HeartbeatPage::kReboot;
  };
  test.Live();
  CHECK(fed_before_reboot >= 100);
  CHECK(test.fed <= fed_before_reboot + 1);
  CHECK(!test.kernel.Called("write_open /dev/watchdog V"));
}

TEST("a machine that is switched off is not announced before its watchdog is disarmed") {
  DeadManTest test;
  test.heartbeat->restart = 0;
  test.heartbeat->feeds = 1;
  test.request.ending = Ending::kPowerOff;
  const std::string off = "reboot 0x4321fedc";
  bool too_early = false;
  test.each_look = [&] {
    if (test.kernel.now < 200ms) return;
    too_early = too_early || test.kernel.Called(off);
    test.heartbeat->feeds = 0;
  };
  PowerStage(test.context);
  CHECK(!too_early && test.kernel.Called(off));
  CHECK_EQ(test.kernel.now, 200ms);
}

TEST("the heartbeat say while reboot(2) is under way, and take it back where that was refused") {
  DeadManTest test;
  test.request.ending = Ending::kRestart;
  test.kernel.errors["reboot"] = std::errc::operation_not_permitted;
  std::uint32_t phase = HeartbeatPage::kStages;
  test.kernel.on_call = [&](const std::string& call) {
    if (call == "reboot 0x1234567") phase = test.heartbeat->phase;
  };
  PowerStage(test.context);
  CHECK_EQ(phase, static_cast<std::uint32_t>(HeartbeatPage::kReboot));
  CHECK_EQ(test.heartbeat->phase.load(), static_cast<std::uint32_t>(HeartbeatPage::kStages));
}

TEST("an rc that stops ticking among the scripts is an alarm, too") {
  DeadManTest test;
  test.heartbeat->begin = 0;
  test.Live();
  CHECK_EQ(test.pressed[0], "w@60");
  CHECK(test.Wrote("no progress for 60 s among the scripts; "));
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
