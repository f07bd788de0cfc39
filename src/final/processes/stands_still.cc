// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/stands_still.h"

#include <algorithm>
#include <string>

namespace curfew {

bool StandsStill(Files& files, const ProcessInfo& process) {
  if (process.state != 'Z' || process.Ended()) return process.Stopped();
  const std::string tasks = "/proc/" + std::to_string(process.pid) + "/task/";
  const auto threads = files.List(tasks);
  if (!threads) return IsGone(threads.error);
  return std::all_of(threads.value.begin(), threads.value.end(), [&](const std::string& thread) {
    const auto line = files.Read(tasks + thread + "/stat");
    if (!line) return IsGone(line.error);
    const auto info = ParseStat(line.value);
    return info && info->Stopped();
  });
}

}  // namespace curfew
