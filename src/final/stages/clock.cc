// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <linux/rtc.h>
#include <time.h>

#include "config/limits.h"
#include "final/helpers.h"
#include "final/stages/adjtime.h"
#include "final/stages/stages.h"
#include "kernel/in_child.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr const char* kAdjtime = "/etc/adjtime";
constexpr microseconds kSecond{1000000};
/// How late the clock may be set. A busy machine gets a second chance, then takes what it gets.
constexpr microseconds kLate{50000};

/// How long after a write the clock's next second begins is the chip's matter: a CMOS clock ticks
/// half a second after it, so it is set in the middle of a second (hwclock(8), --delay).
microseconds Delay(Kernel& kernel, const std::string& rtc) {
  return kernel.Read("/sys/class/rtc/" + rtc + "/name").value.starts_with("rtc_cmos")
             ? kSecond / 2
             : microseconds(0);
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

/// No such device file, or no device behind it.
bool IsAbsent(std::error_code error) {
  return error == std::errc::no_such_file_or_directory || error == std::errc::no_such_device ||
         error == std::errc::no_such_device_or_address;
}

/// What /etc/adjtime says, and HWCLOCK over it.
Adjtime ReadAdjtime(Kernel& kernel, const Settings& settings) {
  Adjtime adjtime = ParseAdjtime(kernel.Read(kAdjtime).value, settings.utc);
  if (settings.rtc_time != TimeBase::kAdjtime) adjtime.utc = settings.rtc_time == TimeBase::kUtc;
  return adjtime;
}

std::error_code LookForClock(Kernel& kernel, const std::string& device) {
  auto fd = kernel.Open(device, O_RDONLY);
  if (fd) kernel.Close(fd.value);
  return fd.error;
}

/// The drift stays as it was measured; the clock is right as of this second. A link stays a link.
std::error_code NoteInAdjtime(Kernel& kernel, const Settings& settings) {
  Adjtime adjtime = ReadAdjtime(kernel, settings);
  adjtime.last_adjustment = adjtime.last_calibration = kernel.WallClock() / kSecond;
  adjtime.remainder = 0;
  std::string path = kernel.ReadLink(kAdjtime).value;
  if (path.empty()) path = kAdjtime;
  if (!path.starts_with('/')) path = "/etc/" + path;
  return kernel.Store(path, FormatAdjtime(adjtime));
}

std::error_code SetClock(Kernel& kernel, const Settings& settings) {
  const bool utc = ReadAdjtime(kernel, settings).utc;
  auto fd = kernel.Open("/dev/" + settings.rtc, O_RDONLY);
  if (!fd) return fd.error;
  rtc_time time = BrokenDown(AwaitSecond(kernel, Delay(kernel, settings.rtc)), utc);
  auto error = kernel.Ioctl(fd.value, RTC_SET_TIME, &time).error;
  kernel.Close(fd.value);
  return error;
}

}  // namespace

void ClockStage(StageContext& context) {
  const Settings& settings = context.request.settings;
  if (!settings.use_hwclock || !settings.systohc) return;
  Kernel& kernel = context.kernel;
  auto complain = [&context](std::error_code error) {
    if (error) context.report.Say("the hardware clock is not set: " + error.message());
  };
  auto error =
      InChild(kernel, limits::kClock, [&] { return LookForClock(kernel, "/dev/" + settings.rtc); });
  if (IsAbsent(error)) return;
  if (error) return complain(error);
  error = InChild(kernel, limits::kClock, [&] { return NoteInAdjtime(kernel, settings); });
  if (error && error != std::errc::read_only_file_system)
    context.report.Say(std::string(kAdjtime) + " is not updated: " + error.message());
  RunBeside(
      context, limits::kClock, [&] { return SetClock(kernel, settings); }, complain);
}

}  // namespace curfew
