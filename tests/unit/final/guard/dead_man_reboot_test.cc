// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"
#include "dead_man_test.h"
#include "final/stages/stages.h"

namespace dead_man_reboot_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

}  // namespace

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

}  // namespace dead_man_reboot_test
