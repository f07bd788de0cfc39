// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/clock.h"

#include <linux/rtc.h>
#include <time.h>

#include <cstring>

#include "check.h"
#include "final/adjtime.h"
#include "final_stage_test.h"

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

TEST("the third line of adjtime says whether the clock runs in local time") {
  setenv("TZ", "XXX-2", 1);
  tzset();
  ClockTest test;
  test.request.utc = true;
  test.kernel.files["/etc/adjtime"] = "0.0 0 0.0\n0\nLOCAL\n";
  ClockStage(test.context);
  CHECK_EQ(test.set.tm_hour, 0);
  test.kernel.files.erase("/etc/adjtime");
  ClockStage(test.context);
  CHECK_EQ(test.set.tm_hour, 22);
  unsetenv("TZ");
  tzset();
}

TEST("adjtime keeps its drift and gets the new time, as after hwclock --systohc") {
  ClockTest test;
  test.kernel.files["/etc/adjtime"] = "-1.250000 1600000000 0.500000\n1600000000\nUTC\n";
  ClockStage(test.context);
  CHECK_EQ(test.kernel.files["/etc/adjtime"], "-1.250000 1700000001 0.000000\n1700000001\nUTC\n");
}

TEST("an adjtime that is missing is not made up, and garbage in one is no number") {
  ClockTest test;
  ClockStage(test.context);
  CHECK(!test.kernel.files.contains("/etc/adjtime"));
  const Adjtime adjtime = ParseAdjtime("what\n\n", false);
  CHECK_EQ(adjtime.drift, 0.0);
  CHECK_EQ(adjtime.utc, false);
}

TEST("a machine without a hardware clock has nothing to tell, a refused one does") {
  ClockTest none;
  none.kernel.files.clear();
  ClockStage(none.context);
  CHECK(none.said.empty());
  ClockTest refused;
  refused.kernel.errors["ioctl"] = std::errc::permission_denied;
  ClockStage(refused.context);
  CHECK_EQ(refused.said.size(), 1u);
  CHECK(refused.kernel.open_paths.empty());
}
