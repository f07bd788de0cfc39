// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <linux/rtc.h>
#include <time.h>

#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>

#include "config/limits.h"
#include "final/context/background.h"
#include "final/stages/stages.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr const char* kAdjtime = "/etc/adjtime";
constexpr microseconds kSecond{1000000};
/// Longest delay of the clock's setting. If a busy machine misses it, the next second is tried,
/// once.
constexpr microseconds kLate{50000};

/// /etc/adjtime, adjtime_config(5): what is known about the hardware clock.
struct Adjtime {
  double drift = 0;           ///< Seconds a day.
  long last_adjustment = 0;   ///< Seconds since 1970.
  double remainder = 0;       ///< Seconds of drift not yet applied.
  long last_calibration = 0;  ///< Seconds since 1970.
  bool utc = true;            ///< The clock runs in UTC, not in local time.
};

/// Seconds a day. hwclock(8) takes no more (MAX_DRIFT of its source), and what has 300 digits would
/// leave the file without its third line.
constexpr double kMostDrift = 2145;

/// Reads the file's text. A line that is missing or garbled leaves the defaults; without a third
/// line `utc` counts.
Adjtime ParseAdjtime(std::string_view text, bool utc) {
  std::string lines[3];
  for (std::string& line : lines) line = TakeLine(&text);
  Adjtime adjtime;
  adjtime.utc = utc;
  std::sscanf(lines[0].c_str(), "%lf %ld %lf", &adjtime.drift, &adjtime.last_adjustment,
              &adjtime.remainder);
  if (!(std::abs(adjtime.drift) <= kMostDrift)) adjtime.drift = 0;
  std::sscanf(lines[1].c_str(), "%ld", &adjtime.last_calibration);
  if (lines[2] == "UTC") adjtime.utc = true;
  if (lines[2] == "LOCAL") adjtime.utc = false;
  return adjtime;
}

/// The file's text, as hwclock(8) writes it.
std::string FormatAdjtime(const Adjtime& adjtime) {
  char text[128];
  std::snprintf(text, sizeof text, "%f %ld %f\n%ld\n%s\n", adjtime.drift, adjtime.last_adjustment,
                adjtime.remainder, adjtime.last_calibration, adjtime.utc ? "UTC" : "LOCAL");
  return text;
}

/// Time from the start of a second until the clock has to be set. A CMOS clock begins its next
/// second half a second after it was set (hwclock(8), --delay).
microseconds Delay(Files& files, const std::string& rtc) {
  return files.Read("/sys/class/rtc/" + rtc + "/name").value.starts_with("rtc_cmos")
             ? kSecond / 2
             : microseconds(0);
}

/// Waits until `delay` after the start of a second. Returns that second, since 1970.
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

/// Whether there is no such device file, or no device behind it.
bool IsAbsent(std::error_code error) {
  return error == std::errc::no_such_file_or_directory || error == std::errc::no_such_device ||
         error == std::errc::no_such_device_or_address;
}

/// What /etc/adjtime says; HWCLOCK, if set, decides about UTC or local time.
Adjtime ReadAdjtime(Files& files, const Settings& settings) {
  Adjtime adjtime = ParseAdjtime(files.Read(kAdjtime).value, settings.utc);
  if (settings.rtc_time != TimeBase::kAdjtime) adjtime.utc = settings.rtc_time == TimeBase::kUtc;
  return adjtime;
}

std::error_code ProbeClock(Files& files, const std::string& device) {
  auto fd = files.Open(device, O_RDONLY);
  if (fd) files.Close(fd.value);
  return fd.error;
}

/// Writes that the clock is right as of this second; the measured drift stays. If /etc/adjtime is a
/// link, its target is written.
std::error_code NoteInAdjtime(Kernel& kernel, const Settings& settings) {
  Adjtime adjtime = ReadAdjtime(kernel, settings);
  adjtime.last_adjustment = adjtime.last_calibration = kernel.WallClock() / kSecond;
  adjtime.remainder = 0;
  std::string path = kernel.ReadLink(kAdjtime).value;
  if (path.empty()) path = kAdjtime;
  if (!path.starts_with('/')) path = "/etc/" + path;
  return ReplaceFile(kernel, path, FormatAdjtime(adjtime));
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
  // A kernel that cannot be asked may not keep the clock: then it is set.
  if (settings.leave_kept_clock && kernel.KeepsHardwareClock().value) return;
  auto complain = [&context](std::error_code error) {
    if (error) context.report.Say("the hardware clock is not set: " + error.message());
  };
  auto error =
      InChild(kernel, limits::kClock, [&] { return ProbeClock(kernel, "/dev/" + settings.rtc); });
  if (IsAbsent(error)) return;
  if (error) return complain(error);
  error = InChild(kernel, limits::kClock, [&] { return NoteInAdjtime(kernel, settings); });
  if (error && error != std::errc::read_only_file_system)
    context.report.Say(std::string(kAdjtime) + " is not updated: " + error.message());
  RunInBackground(
      context, limits::kClock, [&] { return SetClock(kernel, settings); }, complain);
}

}  // namespace curfew
