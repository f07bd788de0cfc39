// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"
#include "final/context/background.h"
#include "final/stages/stages.h"
#include "final_stage_test.h"

namespace power_test {
using namespace curfew;

namespace {

// <linux/reboot.h>, <signal.h>: the lines a test expects, in figures.
const std::string kCadOn = "reboot 0x89abcdef", kCadOff = "reboot 0x0", kHalt = "reboot 0xcdef0123",
                  kPowerOff = "reboot 0x4321fedc", kRestart = "reboot 0x1234567",
                  kKexec = "reboot 0x45584543", kRestart2 = "reboot 0xa1b2c3d4",
                  kStopInit = "kill 1 20", kContinueInit = "kill 1 18";

std::vector<std::string> Calls(Ending ending, const std::string& argument = {}) {
  StageTest test;
  test.kernel.errors["reboot"] = std::errc::operation_not_permitted;
  test.request.ending = ending;
  test.request.restart_argument = argument;
  PowerStage(test.context);
  return test.kernel.calls;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST("power-off falls back to halt, with PID 1 stopped meanwhile") {
  CHECK_EQ(Calls(Ending::kPowerOff),
           (Lines{kCadOn, kStopInit, kPowerOff, kHalt, kCadOff, kContinueInit}));
}

TEST("halt does not try to power off") {
  CHECK_EQ(Calls(Ending::kHalt), (Lines{kCadOn, kStopInit, kHalt, kCadOff, kContinueInit}));
}

TEST("a restart leaves PID 1 and Ctrl-Alt-Del alone before it") {
  CHECK_EQ(Calls(Ending::kRestart), (Lines{kRestart, kCadOff, kContinueInit}));
}

TEST("kexec and a restart with argument fall back to a restart") {
  CHECK_EQ(Calls(Ending::kKexec), (Lines{kKexec, kRestart, kCadOff, kContinueInit}));
  CHECK_EQ(Calls(Ending::kRestart, "recovery"),
           (Lines{kRestart2 + " recovery", kRestart, kCadOff, kContinueInit}));
}

TEST("kexec without a loaded kernel says so and restarts") {
  StageTest test;
  test.kernel.files["/sys/kernel/kexec_loaded"] = "0\n";
  test.request.ending = Ending::kKexec;
  PowerStage(test.context);
  CHECK_EQ(test.kernel.calls[0], kRestart);
  CHECK(test.Said("no kernel is loaded for kexec; restarting through the firmware"));
}

TEST("the last words before a halt that leaves the power on, and before a restart") {
  const auto words = [](Ending ending, bool refused) {
    StageTest test;
    if (refused) test.kernel.errors[kPowerOff] = std::errc::operation_not_permitted;
    test.request.ending = ending;
    PowerStage(test.context);
    return test.said;
  };
  CHECK_EQ(words(Ending::kHalt, false), Lines{"The system is halted"});
  CHECK_EQ(words(Ending::kRestart, false), Lines{"Please stand by while rebooting the system..."});
  const std::string refusal = "power-off refused: Operation not permitted";
  CHECK_EQ(words(Ending::kPowerOff, true), (Lines{refusal, "The system is halted"}));
}

TEST("what works beside the stages is waited for before the machine ends") {
  StageTest test;
  bool waited = false;
  RunInBackground(
      test.context, std::chrono::seconds(1), [] { return std::error_code(); },
      [&](std::error_code) { waited = test.kernel.calls.empty(); });
  PowerStage(test.context);
  CHECK(waited);
}

TEST("a kexec that fails says why and restarts") {
  StageTest test;
  test.kernel.files["/sys/kernel/kexec_loaded"] = "1\n";
  test.kernel.errors[kKexec] = std::errc::operation_not_permitted;
  test.request.ending = Ending::kKexec;
  PowerStage(test.context);
  CHECK(test.kernel.calls[0] == kKexec && test.kernel.calls[1] == kRestart);
  CHECK(test.Said("kexec refused: Operation not permitted"));
}

}  // namespace power_test
