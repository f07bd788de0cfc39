// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/process_progress.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "config/limits.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// Samples closer together say little about 2 %.
constexpr microseconds kApart = milliseconds(900);
/// A tick of /proc/PID/stat is 10 ms; 2 % of the time that has passed is a fiftieth.
constexpr microseconds kTick = milliseconds(10);
constexpr int kFiftieth = 50;
/// Of more than these none is looked at: that they get fewer is progress.
constexpr std::size_t kCrowd = 500;

bool IsShell(const std::string& name) {
  constexpr std::array kShells{"sh", "ash", "bash", "busybox", "dash", "ksh", "mksh", "zsh"};
  return std::find(kShells.begin(), kShells.end(), name) != kShells.end();
}

/// How many bytes the process has moved to and from disks.
Result<std::uint64_t> BytesMoved(Kernel& kernel, pid_t pid) {
  const auto io = kernel.Read("/proc/" + std::to_string(pid) + "/io");
  if (!io) return io.error;
  const auto read = NumberAfter(io.value, "read_bytes");
  const auto written = NumberAfter(io.value, "write_bytes");
  if (!read || !written) return std::make_error_code(std::errc::bad_message);
  return *read + *written;
}

}  // namespace

ProcessProgress::ProcessProgress(Kernel& kernel)
    : kernel_(kernel),
      writeback_(kernel),
      completed_(CompletedWrites(kernel)),
      asked_(kernel.Now()),
      crowd_(CrowdSize()) {}

std::size_t ProcessProgress::CrowdSize() {
  const auto names = kernel_.List("/proc").value;
  return std::count_if(names.begin(), names.end(),
                       [](const std::string& name) { return ParsePid(name) != 0; });
}

std::map<pid_t, ProcessProgress::Sample> ProcessProgress::Take(
    const std::map<pid_t, Victim>& living) {
  std::map<pid_t, Sample> samples;
  std::vector<pid_t> pids;
  for (const auto& [pid, victim] : living) {
    const auto process = ReadProcess(kernel_, pid);
    if (!process || process.value.start != victim.process.start) continue;
    samples[pid] = {process.value.start, IsShell(process.value.name) ? 0 : process.value.cpu};
    if (process.value.state == 'D') {
      samples[pid].stuck = true;
      samples[pid].waits = WaitsBegun(kernel_, pid);
    }
    pids.push_back(pid);
  }
  const auto moved = EachInChild(kernel_, pids.size(), limits::kProcessFiles,
                                 [&](std::size_t i) { return BytesMoved(kernel_, pids[i]); });
  for (std::size_t i = 0; i < pids.size(); ++i) samples[pids[i]].io = moved[i];
  return samples;
}

bool ProcessProgress::WroteBack(const std::map<pid_t, Sample>& samples) {
  bool stuck = false, another = false;
  for (const auto& [pid, sample] : samples) {
    if (!sample.stuck) continue;
    stuck = true;
    const auto before = last_.find(pid);
    another = another || (before != last_.end() && before->second.start == sample.start &&
                          before->second.stuck && before->second.waits < sample.waits);
  }
  const bool less = writeback_.Made();
  const auto completed = CompletedWrites(kernel_);
  const bool wrote = std::exchange(completed_, completed) < completed;
  return (stuck && less) || (another && wrote);
}

bool ProcessProgress::Made(const std::map<pid_t, Victim>& living) {
  const auto passed = kernel_.Now() - asked_;
  if (passed < kApart) return false;
  asked_ = kernel_.Now();
  const bool fewer = living.size() < left_;
  left_ = living.size();
  if (left_ > kCrowd) return fewer;
  const auto crowd = CrowdSize();
  const bool forks = crowd > crowd_;
  crowd_ = crowd;
  auto samples = Take(living);
  bool made = WroteBack(samples);
  for (const auto& [pid, sample] : samples) {
    const auto before = last_.find(pid);
    if (before == last_.end() || before->second.start != sample.start) continue;
    const auto& io = before->second.io;
    made = made || (io && sample.io && io.value != sample.io.value);
    made = made || (!forks && (sample.cpu - before->second.cpu) * kTick * kFiftieth >= passed);
  }
  last_ = std::move(samples);
  return made;
}

}  // namespace curfew
