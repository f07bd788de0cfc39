// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/device_progress.h"

#include <algorithm>
#include <string_view>

#include "final/storage/device_limits.h"
#include "kernel/writeback.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Made() is called each second, for the first time so long after a call began.
constexpr std::chrono::seconds kFirstCall{1};
/// Longer than that from one Made() to the next: a call has ended and another one begun.
constexpr std::chrono::seconds kBetweenCalls{2};
constexpr std::uint64_t kKibInMb = 1024;

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

/// For people; empty: nothing that they know.
std::string DeviceProgress::NameOf(const std::string& device) const {
  if (device == kAll) return "all file systems";
  const auto mount = std::find_if(graph_.mounts.begin(), graph_.mounts.end(),
                                  [&](const Mount& other) { return other.device == device; });
  if (mount != graph_.mounts.end()) return mount->source + " (" + mount->target + ")";
  const auto disk = std::find_if(graph_.devices.begin(), graph_.devices.end(),
                                 [&](const BlockDevice& other) { return other.number == device; });
  return disk == graph_.devices.end() ? "" : "/dev/" + disk->name;
}

void DeviceProgress::TellWait(const std::string& device, std::uint64_t unwritten,
                              Sample* sample) const {
  const auto now = context_.kernel.Now();
  // Another call on the same device.
  if (now - sample->asked > kBetweenCalls) sample->wait = SlowWait(now - kFirstCall);
  sample->asked = now;
  if (!context_.request.last || !sample->wait.IsDue(now)) return;
  const std::string name = NameOf(device);
  if (name.empty()) return;
  const auto limit = DeviceLimits(context_.kernel, graph_).Of(device);
  const auto left = unwritten / kKibInMb;
  context_.report.Say(std::string(doing_) + " " + name + ": " + sample->wait.Waited(now) +
                      (left > 0 ? ", " + std::to_string(left) + " MB left" : "") + ", at most " +
                      Seconds(std::chrono::ceil<std::chrono::seconds>(limit)) +
                      " without progress");
}

bool DeviceProgress::Made(const std::string& device) {
  Kernel& kernel = context_.kernel;
  const auto time = kernel.Now();
  const Sample now{Completed(device), UnwrittenKib(kernel), time, SlowWait(time - kFirstCall)};
  Sample& last = samples_.emplace(device, now).first->second;
  TellWait(device, now.unwritten, &last);
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
