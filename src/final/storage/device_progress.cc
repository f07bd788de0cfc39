// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/device_progress.h"

#include <algorithm>
#include <string_view>

#include "final/storage/device_limits.h"
#include "final/storage/stack.h"
#include "kernel/writeback.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Made() is called each second, for the first time so long after a call began.
constexpr std::chrono::seconds kFirstCall{1};
/// Longer than that from one Made() to the next: a call has ended and another one begun.
constexpr std::chrono::seconds kBetweenCalls{2};
constexpr std::uint64_t kKibInMb = 1024;
/// What is said to take longer is not known.
constexpr std::chrono::hours kLongestEstimate{1};

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
  if (mount != graph_.mounts.end()) return DeviceText(graph_, *mount) + " (" + mount->target + ")";
  const BlockDevice* disk = graph_.FindNumber(device);
  return disk ? DeviceText(graph_, *disk) : "";
}

Unwritten DeviceProgress::LeftOf(const std::string& device) const {
  if (device == kAll) return {UnwrittenKib(context_.kernel), Unwritten::kOwn};
  return UnwrittenOf(context_.kernel, graph_, device);
}

/// The first look at a call, or at another one on the same device.
void DeviceProgress::Begin(const std::string& device, std::chrono::microseconds now,
                           Sample* sample) {
  if (!looked_for_figures_ && context_.request.last && !context_.request.container)
    EnsureDebugfs(context_.kernel);
  looked_for_figures_ = true;
  const Unwritten left = LeftOf(device);
  sample->wait = SlowWait(now - kFirstCall);
  sample->before = now;
  sample->written_before = WrittenKib(context_.kernel, graph_, device);
  sample->left_before.reset();
  if (left.whose != Unwritten::kMachine) sample->left_before = left.kib;
}

/// ", 120 MB written"; empty: nothing, or not known.
std::string DeviceProgress::Done(const std::string& device, const Sample& sample) const {
  const auto now = WrittenKib(context_.kernel, graph_, device);
  if (!now || !sample.written_before || *now < *sample.written_before + kKibInMb) return "";
  return ", " + std::to_string((*now - *sample.written_before) / kKibInMb) + " MB written";
}

/// ", 310 MB left on sdb, about 25 s more". The second part only where what is left has become
/// less, and is nobody else's.
std::string DeviceProgress::Left(const std::string& device, const Sample& sample) const {
  const Unwritten left = LeftOf(device);
  if (left.kib < kKibInMb) return "";
  std::string text = ", " + std::to_string(left.kib / kKibInMb) + " MB left";
  if (left.whose == Unwritten::kMachine) return text + " in all";
  if (left.whose == Unwritten::kDisk) text += " on " + left.disk;
  if (!sample.left_before || *sample.left_before < left.kib + kKibInMb) return text;
  const std::chrono::duration<double> took = context_.kernel.Now() - sample.before;
  const auto more = took * (double(left.kib) / double(*sample.left_before - left.kib));
  if (more > kLongestEstimate) return text;
  return text + ", about " + Seconds(std::chrono::ceil<std::chrono::seconds>(more)) + " more";
}

void DeviceProgress::TellWait(const std::string& device, Sample* sample) {
  const auto now = context_.kernel.Now();
  if (now - sample->asked > kBetweenCalls) Begin(device, now, sample);
  sample->asked = now;
  if (!sample->wait.IsDue(now)) return;
  const std::string name = NameOf(device);
  if (name.empty()) return;
  const auto limit = DeviceLimits(context_.kernel, graph_).Of(device);
  context_.report.Say(std::string(doing_) + " " + name + ": " + sample->wait.Waited(now) +
                      Done(device, *sample) + Left(device, *sample) + ", at most " +
                      Seconds(std::chrono::ceil<std::chrono::seconds>(limit)) +
                      " without progress");
}

bool DeviceProgress::Made(const std::string& device) {
  Kernel& kernel = context_.kernel;
  const auto time = kernel.Now();
  const std::string completed = Completed(device);
  const std::uint64_t unwritten = UnwrittenKib(kernel);
  const auto [entry, fresh] =
      samples_.try_emplace(device, Sample{completed, unwritten, time, SlowWait(time - kFirstCall)});
  Sample& last = entry->second;
  if (fresh) Begin(device, time, &last);
  TellWait(device, &last);
  // What other devices write says nothing of one that can be asked itself.
  const bool made = completed.empty() ? unwritten < last.unwritten : last.completed != completed;
  last.completed = completed;
  last.unwritten = std::min(last.unwritten, unwritten);
  if (!made || time >= end_) return false;
  Beat(context_);
  return true;
}

}  // namespace curfew
