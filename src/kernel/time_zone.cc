// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/time_zone.h"

#include <limits.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "kernel/in_child.h"

namespace curfew {
namespace {

constexpr std::chrono::seconds kLoadLimit{2};

/// Seconds east of Greenwich, by the files.
long OffsetNow(Kernel& kernel) {
  const time_t now = std::chrono::floor<std::chrono::seconds>(kernel.WallClock()).count();
  tm local{};
  tzset();
  localtime_r(&now, &local);
  return local.tm_gmtoff;
}

/// The offset as TZ has it, which counts to the west (POSIX).
std::string Zone(long east) {
  const long size = std::labs(east);
  char text[40];
  snprintf(text, sizeof text, "<local>%c%02ld:%02ld:%02ld", east > 0 ? '-' : '+', size / 3600,
           size / 60 % 60, size % 60);
  return text;
}

/// A variable of the environment that has another value as long as this lives.
class OtherValue {
 public:
  OtherValue(const char* name, const std::string& value) : name_(name) {
    if (const char* before = getenv(name)) before_ = before;
    setenv(name, value.c_str(), 1);
  }
  ~OtherValue() {
    if (before_)
      setenv(name_, before_->c_str(), 1);
    else
      unsetenv(name_);
  }
  OtherValue(const OtherValue&) = delete;
  OtherValue& operator=(const OtherValue&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace

void LoadTimeZone(Kernel& kernel) {
  const auto east = InChild(kernel, kLoadLimit, [&] { return OffsetNow(kernel); });
  // Only tzset(3) looks at these again. Hooks get them as they were.
  const OtherValue zone("TZ", Zone(east ? east.value : 0));
  // glibc first takes any TZ for a file below TZDIR. The kernel refuses a path of this length
  // before it looks at a disk.
  const OtherValue directory("TZDIR", std::string(PATH_MAX, '/'));
  tzset();
}

}  // namespace curfew
