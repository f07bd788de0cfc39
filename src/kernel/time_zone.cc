// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/time_zone.h"

#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "kernel/in_child.h"

namespace curfew {
namespace {

constexpr std::chrono::seconds kLimit{2};

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

}  // namespace

void LoadTimeZone(Kernel& kernel) {
  const auto east = InChild(kernel, kLimit, [&] { return OffsetNow(kernel); });
  const char* old = getenv("TZ");
  const auto before = old ? std::optional<std::string>(old) : std::nullopt;
  setenv("TZ", Zone(east ? east.value : 0).c_str(), 1);
  tzset();
  // Only tzset(3) looks at TZ again. Hooks get it as it was.
  if (before)
    setenv("TZ", before->c_str(), 1);
  else
    unsetenv("TZ");
}

}  // namespace curfew
