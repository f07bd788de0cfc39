// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/time_text.h"

#include <time.h>

#include <cstdio>

namespace curfew {
namespace {

constexpr long long kSecond = 1000000;

std::string Formatted(long long wall_us, const char* format) {
  const time_t seconds = wall_us / kSecond;
  tm local{};
  localtime_r(&seconds, &local);
  char text[64];
  return {text, strftime(text, sizeof text, format, &local)};
}

std::string Milliseconds(long long wall_us) {
  char text[8];
  snprintf(text, sizeof text, ".%03d", static_cast<int>(wall_us % kSecond / 1000));
  return text;
}

}  // namespace

std::string DateText(long long wall_us) {
  return Formatted(wall_us, "%a %Y-%m-%d");
}

std::string ClockText(long long wall_us) {
  return Formatted(wall_us, "%H:%M:%S") + Milliseconds(wall_us);
}

std::string IsoText(long long wall_us) {
  return Formatted(wall_us, "%Y-%m-%dT%H:%M:%S") + Milliseconds(wall_us) + Formatted(wall_us, "%z");
}

std::string DurationText(long long us) {
  char text[40];
  snprintf(text, sizeof text, "%lld.%02lld s", us / kSecond, us % kSecond / 10000);
  return text;
}

}  // namespace curfew
