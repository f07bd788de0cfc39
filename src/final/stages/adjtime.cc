// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/stages/adjtime.h"

#include <cstdio>

namespace curfew {

Adjtime ParseAdjtime(std::string_view text, bool utc) {
  std::string lines[3];
  for (std::string& line : lines) {
    line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : text.size());
  }
  Adjtime adjtime;
  adjtime.utc = utc;
  std::sscanf(lines[0].c_str(), "%lf %ld %lf", &adjtime.drift, &adjtime.last_adjustment,
              &adjtime.remainder);
  std::sscanf(lines[1].c_str(), "%ld", &adjtime.last_calibration);
  if (lines[2] == "UTC") adjtime.utc = true;
  if (lines[2] == "LOCAL") adjtime.utc = false;
  return adjtime;
}

std::string FormatAdjtime(const Adjtime& adjtime) {
  char text[128];
  std::snprintf(text, sizeof text, "%f %ld %f\n%ld\n%s\n", adjtime.drift, adjtime.last_adjustment,
                adjtime.remainder, adjtime.last_calibration, adjtime.utc ? "UTC" : "LOCAL");
  return text;
}

}  // namespace curfew
