// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/device_progress.h"

#include <algorithm>
#include <string_view>

#include "kernel/writeback.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Whether this field of /sys/dev/block/M:N/stat, counted from 0, is a number of completed
/// requests: reads, writes, discards, flushes (Linux Documentation/block/stat.rst). The other
/// fields change also while nothing completes.
bool CountsCompleted(std::size_t field) {
  return field == 0 || field == 4 || field == 11 || field == 15;
}

std::string Counts(std::string_view stat) {
  const auto fields = WordViews(stat);
  std::string counts;
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (CountsCompleted(i)) counts.append(fields[i]).append(" ");
  return counts;
}

}  // namespace

std::string DeviceProgress::Completed(const std::string& device) const {
  auto numbers = graph_.CarriersOf(device);
  numbers.insert(device);
  std::string counts;
  for (const std::string& number : numbers)
    counts += Counts(context_.kernel.Read("/sys/dev/block/" + number + "/stat").value);
  return counts;
}

bool DeviceProgress::Made(const std::string& device) {
  Kernel& kernel = context_.kernel;
  const Sample now{Completed(device), UnwrittenKib(kernel)};
  Sample& last = samples_.emplace(device, now).first->second;
  // What other devices write says nothing of one that can be asked itself.
  const bool made =
      now.completed.empty() ? now.unwritten < last.unwritten : last.completed != now.completed;
  last = {now.completed, std::min(last.unwritten, now.unwritten)};
  if (!made || kernel.Now() >= end_) return false;
  Beat(context_);
  return true;
}

}  // namespace curfew
