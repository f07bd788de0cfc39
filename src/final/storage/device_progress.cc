// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/device_progress.h"

#include <algorithm>
#include <string_view>

#include "kernel/writeback.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Made() is called each second, for the first time 1 s after a call began: a wait of 3 s is told.
constexpr std::chrono::seconds kSilence{2};
/// Longer than that from one Made() to the next: a call has ended and another one begun.
constexpr std::chrono::seconds kBetweenCalls{2};

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

void DeviceProgress::TellWait(const std::string& device, Sample* sample) const {
  const auto now = context_.kernel.Now();
  // Another call on the same device.
  if (now - sample->asked > kBetweenCalls) sample->begun = now;
  sample->asked = now;
  if (sample->told || !context_.request.last || now - sample->begun < kSilence) return;
  const auto mount = std::find_if(graph_.mounts.begin(), graph_.mounts.end(),
                                  [&](const Mount& other) { return other.device == device; });
  if (mount == graph_.mounts.end()) return;
  sample->told = true;
  context_.report.Say("waiting for " + mount->source + " (" + mount->target + ")");
}

bool DeviceProgress::Made(const std::string& device) {
  Kernel& kernel = context_.kernel;
  const auto time = kernel.Now();
  const Sample now{Completed(device), UnwrittenKib(kernel), time, time};
  Sample& last = samples_.emplace(device, now).first->second;
  TellWait(device, &last);
  // What other devices write says nothing of one that can be asked itself.
  const bool made =
      now.completed.empty() ? now.unwritten < last.unwritten : last.completed != now.completed;
  last.completed = now.completed;
  last.unwritten = std::min(last.unwritten, now.unwritten);
  if (!made || time >= end_) return false;
  Beat(context_);
  return true;
}

}  // namespace curfew
