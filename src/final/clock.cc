// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/clock.h"

#include <fcntl.h>
#include <linux/rtc.h>
#include <time.h>

#include "final/adjtime.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr const char* kDevice = "/dev/rtc0";
constexpr const char* kDriver = "/sys/class/rtc/rtc0/name";
constexpr const char* kAdjtime = "/etc/adjtime";
constexpr std::chrono::seconds kLimit{2};
constexpr microseconds kSecond{1000000};
/// How late the clock may be set. A busy machine gets a second chance, then takes what it gets.
constexpr microseconds kLate{50000};

/// How long after a write the clock's next second begins is the chip's matter: a CMOS clock ticks
/// half a second after it, so it is set in the middle of a second (hwclock(8), --delay).
microseconds Delay(Kernel& kernel) {
  return kernel.Read(kDriver).value.starts_with("rtc_cmos") ? kSecond / 2 : microseconds(0);
}

/// Waits until `delay` after the start of a second; that second, since 1970.
time_t AwaitSecond(Kernel& kernel, microseconds delay) {
  microseconds late{};
  microseconds now{};
  for (int attempt = 0; attempt < 2; ++attempt) {
    late = (kernel.WallClock() - delay) % kSecond;
    kernel.Poll({}, std::chrono::ceil<milliseconds>(kSecond - late));
    now = kernel.WallClock() - delay;
    if (now % kSecond <= kLate) break;
  }
  return now / kSecond;
}

rtc_time BrokenDown(time_t second, bool utc) {
  tm t{};
  if (utc)
    gmtime_r(&second, &t);
  else
    localtime_r(&second, &t);
  return {t.tm_sec, t.tm_min, t.tm_hour, t.tm_mday, t.tm_mon, t.tm_year, t.tm_wday, t.tm_yday, 0};
}

std::error_code SetClock(Kernel& kernel, bool utc_by_default) {
  auto fd = kernel.Open(kDevice, O_RDONLY);
  if (!fd) return fd.error;
  auto file = kernel.Read(kAdjtime);
  Adjtime adjtime = ParseAdjtime(file.value, utc_by_default);
  const time_t second = AwaitSecond(kernel, Delay(kernel));
  rtc_time time = BrokenDown(second, adjtime.utc);
  auto error = kernel.Ioctl(fd.value, RTC_SET_TIME, &time).error;
  kernel.Close(fd.value);
  if (error || !file) return error;
  // The drift stays as it was measured; the clock is right as of now.
  adjtime.last_adjustment = adjtime.last_calibration = second;
  adjtime.remainder = 0;
  return kernel.Store(kAdjtime, FormatAdjtime(adjtime));
}

}  // namespace

void ClockStage(StageContext& context) {
  Kernel& kernel = context.kernel;
  auto error = kernel.InChild(kLimit, [&] { return SetClock(kernel, context.request.utc); });
  if (error && error != std::errc::no_such_file_or_directory)
    context.report.Say("the hardware clock is not set: " + error.message());
}

}  // namespace curfew
