// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/rtc.h>
#include <time.h>

#include <cstring>

#include "check.h"
#include "final/context/background.h"
#include "final/stages/stages.h"
#include "final_stage_test.h"

namespace clock_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

/// 2023-11-14 22:13:20.3 UTC on a machine whose RTC remembers what it was set to, and when.
struct ClockTest : StageTest {
  rtc_time set{};
  std::chrono::microseconds set_at{0};

  ClockTest() {
    kernel.files["/dev/rtc0"] = "";
    kernel.wall_clock = 1700000000s + 300ms;
    kernel.on_ioctl = [this](int, unsigned long request, void* argument) -> Result<int> {
      if (request == RTC_SET_TIME) {
        std::memcpy(&set, argument, sizeof set);
        set_at = kernel.WallClock();
      }
      return 0;
    };
  }
};

}  // namespace

TEST("a CMOS clock is set in the middle of the second it is set to") {
  ClockTest test;
  test.kernel.files["/sys/class/rtc/rtc0/name"] = "rtc_cmos 00:01\n";
  ClockStage(test.context);
  CHECK_EQ(test.set_at.count(), 1700000000500000L);
  CHECK_EQ(test.set.tm_sec, 20);
  CHECK_EQ(test.set.tm_hour, 22);
  CHECK_EQ(test.set.tm_year, 123);
}

TEST("any other clock is set at the start of a second") {
  ClockTest test;
  ClockStage(test.context);
  CHECK_EQ(test.set_at.count(), 1700000001000000L);
  CHECK_EQ(test.set.tm_sec, 21);
}

TEST("a drift that no clock has is dropped, and the line that says local time stays") {
  for (const char* drift : {"1e300", "-9999", "nan", "inf"}) {
    ClockTest test;
    test.kernel.files["/etc/adjtime"] = std::string(drift) + " 0 0.0\n0\nLOCAL\n";
    ClockStage(test.context);
    CHECK_EQ(test.kernel.files["/etc/adjtime"],
             "0.000000 1700000000 0.000000\n1700000000\nLOCAL\n");
  }
}

TEST("the third line of adjtime says whether the clock runs in local time") {
  setenv("TZ", "XXX-2", 1);
  tzset();
  ClockTest test;
  test.request.settings.utc = true;
  test.kernel.files["/etc/adjtime"] = "0.0 0 0.0\n0\nLOCAL\n";
  ClockStage(test.context);
  CHECK_EQ(test.set.tm_hour, 0);
  test.kernel.files.erase("/etc/adjtime");
  ClockStage(test.context);
  CHECK_EQ(test.set.tm_hour, 22);
  unsetenv("TZ");
  tzset();
}

TEST("a clock that the kernel keeps is left alone on SUSE or by key, and set where nobody asks") {
  for (const bool leave : {false, true})
    for (const bool kept : {false, true}) {
      ClockTest test;
      test.request.settings.leave_kept_clock = leave;
      test.kernel.keeps_clock = kept;
      ClockStage(test.context);
      CHECK_EQ(test.set_at.count() != 0, !(leave && kept));
      CHECK_EQ(test.kernel.files.contains("/etc/adjtime"), !(leave && kept));
    }
  ClockTest refused;
  refused.request.settings.leave_kept_clock = true;
  refused.kernel.keeps_clock = true;
  refused.kernel.errors["adjtimex"] = std::errc::function_not_supported;
  ClockStage(refused.context);
  CHECK(refused.set_at.count() != 0);
}

TEST("adjtime keeps its drift and gets the new time, as after hwclock --systohc") {
  ClockTest test;
  test.kernel.files["/etc/adjtime"] = "-1.250000 1600000000 0.500000\n1600000000\nUTC\n";
  ClockStage(test.context);
  CHECK_EQ(test.kernel.files["/etc/adjtime"], "-1.250000 1700000000 0.000000\n1700000000\nUTC\n");
}

TEST("an adjtime that is missing is made, as by hwclock, and garbage in one is no number") {
  ClockTest test;
  test.request.settings.utc = false;
  ClockStage(test.context);
  CHECK_EQ(test.kernel.files["/etc/adjtime"], "0.000000 1700000000 0.000000\n1700000000\nLOCAL\n");
  ClockTest garbled;
  garbled.request.settings.utc = false;
  garbled.kernel.files["/etc/adjtime"] = "what\n\n";
  ClockStage(garbled.context);
  CHECK_EQ(garbled.kernel.files["/etc/adjtime"],
           "0.000000 1700000000 0.000000\n1700000000\nLOCAL\n");
}

TEST("an adjtime that is a link stays one, and a read-only one is no matter") {
  ClockTest test;
  test.kernel.links["/etc/adjtime"] = "../var/adjtime";
  ClockStage(test.context);
  CHECK(test.kernel.files.contains("/etc/../var/adjtime"));
  ClockTest fixed;
  fixed.kernel.errors["create"] = std::errc::read_only_file_system;
  ClockStage(fixed.context);
  CHECK(fixed.said.empty() && fixed.set_at.count() > 0);
}

TEST("HWCLOCK counts over adjtime, and adjtime gets what it says") {
  ClockTest test;
  test.kernel.files["/etc/adjtime"] = "0.0 0 0.0\n0\nUTC\n";
  test.request.settings.rtc_time = TimeBase::kLocal;
  ClockStage(test.context);
  CHECK(test.kernel.files["/etc/adjtime"].ends_with("LOCAL\n"));
}

TEST("USE_HWCLOCK=no and SYSTOHC=no leave clock and adjtime alone") {
  ClockTest unused, unset;
  unused.request.settings.use_hwclock = false;
  unset.request.settings.systohc = false;
  for (ClockTest* test : {&unused, &unset}) {
    ClockStage(test->context);
    CHECK(test->kernel.all.empty());
  }
}

TEST("HCTOSYS_DEVICE names the clock and whose delay counts") {
  ClockTest test;
  test.request.settings.rtc = "rtc1";
  test.kernel.files["/dev/rtc1"] = "";
  test.kernel.files["/sys/class/rtc/rtc1/name"] = "rtc_cmos\n";
  ClockStage(test.context);
  CHECK_EQ(test.set_at.count(), 1700000000500000L);
  CHECK(test.kernel.Called("ioctl /dev/rtc1 " + ScriptedKernel::Hex(RTC_SET_TIME)));
}

TEST("the stage does not wait for the second to begin: it leaves that to a child") {
  ClockTest test;
  test.kernel.on_call = [&](const std::string& call) {
    if (call.starts_with("rename ")) test.kernel.children_hang = true;
  };
  ClockStage(test.context);
  CHECK_EQ(test.context.background.size(), 1u);
  CHECK(test.kernel.files.contains("/etc/adjtime"));
  FinishBackground(test.context);
  CHECK_EQ(test.said.size(), 1u);
  CHECK(test.context.background.empty());
}

TEST("a machine without a hardware clock has nothing to tell, a refused one does") {
  ClockTest none;
  none.kernel.files.clear();
  ClockStage(none.context);
  CHECK(none.said.empty() && none.kernel.files.empty());
  ClockTest refused;
  refused.kernel.errors["ioctl"] = std::errc::permission_denied;
  ClockStage(refused.context);
  FinishBackground(refused.context);
  CHECK_EQ(refused.said.size(), 1u);
  CHECK(refused.kernel.open_paths.empty());
}

}  // namespace clock_test
