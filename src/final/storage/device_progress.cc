// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/device_progress.h"

#include <algorithm>
#include <string_view>

namespace curfew {
namespace {

/// Of the fields of /sys/dev/block/M:N/stat (kernel, Documentation/block/stat.rst), from 1: reads,
/// writes, discards and flushes that have ended, the last two on newer kernels only. The others
/// count time and what is under way, which also moves while nothing ends.
bool CountsEnded(int field) {
  return field == 1 || field == 5 || field == 12 || field == 16;
}

std::string Completed(std::string_view stat) {
  std::string counts;
  for (int number = 1;; ++number) {
    stat.remove_prefix(std::min(stat.find_first_not_of(" \n"), stat.size()));
    if (stat.empty()) return counts;
    const auto field = stat.substr(0, stat.find_first_of(" \n"));
    if (CountsEnded(number)) counts.append(field).append(" ");
    stat.remove_prefix(field.size());
  }
}

}  // namespace

bool DeviceProgress::Made(const std::string& device) {
  Kernel& kernel = context_.kernel;
  const Sample now{Completed(kernel.Read("/sys/dev/block/" + device + "/stat").value),
                   UnwrittenKib(kernel)};
  Sample& last = samples_.emplace(device, now).first->second;
  const bool made = last.completed != now.completed || now.unwritten < last.unwritten;
  last = {now.completed, std::min(last.unwritten, now.unwritten)};
  if (!made || kernel.Now() >= end_) return false;
  Tick(context_);
  return true;
}

}  // namespace curfew
