// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <vector>

#include "final/processes/target_table.h"
#include "kernel/progress.h"

namespace curfew {

/// Whether processes that got a signal to end are still at work.
class TargetProgress {
 public:
  explicit TargetProgress(Kernel& kernel);

  /// Whether `targets` made progress since the last call, as ProgressSampler says. CPU time counts
  /// only while the number of processes does not grow, and if one target alone used 2 % of a CPU:
  /// spinning and forking are no work. For more than 500 targets only their number is compared:
  /// progress is that it falls. False if the last call was less than 0.9 s ago.
  bool Made(const std::map<pid_t, Target>& targets);

 private:
  std::size_t CountProcesses();
  std::vector<ProcessSample> Scan(const std::map<pid_t, Target>& targets);

  Kernel& kernel_;
  ProgressSampler sampler_;
  std::chrono::microseconds last_call_;
  std::size_t process_count_;
  std::size_t target_count_ = 0;
};

}  // namespace curfew
