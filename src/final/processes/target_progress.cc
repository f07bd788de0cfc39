// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/target_progress.h"

#include <algorithm>
#include <string>
#include <utility>

#include "config/limits.h"
#include "kernel/in_child.h"
#include "kernel/writeback.h"
#include "text/text.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// Over a shorter time 2 % of a CPU is less than two clock ticks of /proc/PID/stat.
constexpr milliseconds kShortest{900};
/// One clock tick of /proc/PID/stat.
constexpr int kTickMs = 10;
/// Reading the files of more processes would take longer than a sample may.
constexpr std::size_t kMostSampled = 500;

/// How many bytes the process has moved to and from disks.
Result<long long> BytesMoved(Files& files, pid_t pid) {
  const auto io = files.Read("/proc/" + std::to_string(pid) + "/io");
  if (!io) return io.error;
  const auto read = NumberAfter(io.value, "read_bytes");
  const auto written = NumberAfter(io.value, "write_bytes");
  if (!read || !written) return std::make_error_code(std::errc::bad_message);
  return static_cast<long long>(*read + *written);
}

}  // namespace

TargetProgress::TargetProgress(Kernel& kernel)
    : kernel_(kernel),
      sampler_({.window = milliseconds(0), .cpu_of_one = true}),
      last_call_(kernel.Now()),
      process_count_(CountProcesses()) {}

std::size_t TargetProgress::CountProcesses() {
  const auto names = kernel_.List("/proc").value;
  return std::count_if(names.begin(), names.end(),
                       [](const std::string& name) { return ParsePid(name) != 0; });
}

std::vector<ProcessSample> TargetProgress::Scan(const std::map<pid_t, Target>& targets) {
  std::vector<ProcessSample> samples;
  for (const auto& [pid, target] : targets) {
    const auto process = ReadProcess(kernel_, pid);
    if (!process || process.value.start != target.process.start) continue;
    ProcessSample sample;
    sample.id = {pid, process.value.start};
    sample.name = process.value.name;
    sample.state = process.value.state;
    sample.cpu_ms = static_cast<long long>(process.value.cpu) * kTickMs;
    if (sample.state == 'D') {
      sample.wait_channel = kernel_.Read("/proc/" + std::to_string(pid) + "/wchan").value;
      sample.waits = WaitsBegun(kernel_, pid);
    }
    samples.push_back(std::move(sample));
  }
  const auto moved = EachInChild(
      kernel_, samples.size(), limits::kProcessFiles,
      [&](std::size_t i) { return BytesMoved(kernel_, samples[i].id.pid); },
      [&](std::size_t i) { return samples[i].state == 'D'; });
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (moved[i]) samples[i].io = moved[i].value;
  return samples;
}

bool TargetProgress::Made(const std::map<pid_t, Target>& targets) {
  const auto now = kernel_.Now();
  if (now - last_call_ < kShortest) return false;
  last_call_ = now;
  const bool fewer = targets.size() < target_count_;
  target_count_ = targets.size();
  if (target_count_ > kMostSampled) return fewer;
  const auto before = std::exchange(process_count_, CountProcesses());
  return sampler_.Add(std::chrono::duration_cast<milliseconds>(now), Scan(targets),
                      {UnwrittenKib(kernel_), CompletedWrites(kernel_)}, 0,
                      process_count_ <= before);
}

}  // namespace curfew
