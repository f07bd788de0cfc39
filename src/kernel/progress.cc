// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/progress.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace curfew {
namespace {

/// 2 %, as a divisor.
constexpr int kShareOfCpu = 50;
/// Bytes in a millisecond: a program that prints more does little else.
constexpr long long kPrintedPerMs = 4;

constexpr std::array<std::string_view, 10> kShells{"sh",   "dash", "bash",  "ash",     "ksh",
                                                   "mksh", "zsh",  "ksh93", "busybox", "fish"};

/// The wait channel of a vfork(2): the function's names in kernel/fork.c. dash starts every program
/// that way.
constexpr std::array<std::string_view, 3> kVfork{"kernel_clone", "_do_fork", "do_fork"};

}  // namespace

bool ProcessSample::WaitsForDevice() const {
  return state == 'D' && std::find(kVfork.begin(), kVfork.end(), wait_channel) == kVfork.end();
}

bool ProgressSampler::Add(Time now, const std::vector<ProcessSample>& processes,
                          const DiskSample& disks, long long printed, bool count_cpu) {
  const bool io = DidIo(processes);
  const bool wrote_back = WroteBack(processes, disks);
  Past scan{now, printed, {}};
  for (const ProcessSample& process : processes)
    if (process.cpu_counts && !IsShell(process.name)) scan.cpu_ms[process.id] = process.cpu_ms;
  while (past_.size() > 1 && now - past_[1].time >= rules_.window) past_.pop_front();
  const bool cpu = count_cpu && UsedCpu(scan);
  past_.push_back(std::move(scan));
  return io || wrote_back || cpu;
}

bool ProgressSampler::DidIo(const std::vector<ProcessSample>& processes) {
  bool grew = false;
  for (const ProcessSample& process : processes) {
    if (process.io < 0) continue;
    const auto [known, added] = io_.try_emplace(process.id, first_ ? process.io : 0);
    grew = grew || process.io > known->second;
    known->second = process.io;
  }
  first_ = false;
  return grew;
}

/// Both scans must find the same process: the short waits of a loop that forks are no progress. The
/// rest to write must fall below its least: others who write meanwhile cannot make a dead disk look
/// alive for long. When only flushes are left, nothing falls, and the number of waits tells.
bool ProgressSampler::WroteBack(const std::vector<ProcessSample>& processes,
                                const DiskSample& disks) {
  std::map<ProcessId, std::uint64_t> waiting;
  bool still = false, another = false;
  for (const ProcessSample& process : processes) {
    if (!process.WaitsForDevice()) continue;
    waiting[process.id] = process.waits;
    const auto before = waiting_.find(process.id);
    if (before == waiting_.end()) continue;
    still = true;
    another = another || process.waits > before->second;
  }
  waiting_ = std::move(waiting);
  const bool less = still && disks.unwritten < unwritten_;
  if (less || !still) unwritten_ = disks.unwritten;
  const bool completed = std::exchange(completed_, disks.completed) < disks.completed;
  return less || (another && completed);
}

bool ProgressSampler::UsedCpu(const Past& now) const {
  if (past_.empty() || now.time - past_.front().time < rules_.window) return false;
  const Past& then = past_.front();
  const auto span = (now.time - then.time).count();
  if (now.printed - then.printed > kPrintedPerMs * span) return false;
  long long used = 0;
  bool lately = false;
  for (const auto& [id, cpu_ms] : now.cpu_ms) {
    const auto before = then.cpu_ms.find(id);
    const auto last = past_.back().cpu_ms.find(id);
    if (before == then.cpu_ms.end()) continue;
    const long long own = cpu_ms - before->second;
    used = rules_.cpu_of_one ? std::max(used, own) : used + own;
    lately = lately || last == past_.back().cpu_ms.end() || cpu_ms > last->second;
  }
  return lately && used * kShareOfCpu >= span;
}

bool ProgressSampler::IsShell(const std::string& name) const {
  return name == rules_.script || std::find(kShells.begin(), kShells.end(), name) != kShells.end();
}

}  // namespace curfew
