// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "final/processes/process_names.h"
#include "final/processes/skip_list.h"
#include "kernel/kernel.h"
#include "kernel/process_info.h"

namespace curfew {

/// A process that is to end.
struct Target {
  ProcessInfo process;
  int pidfd = -1;             ///< -1: no pidfd can be had; the start time is compared instead.
  int last_signal = 0;        ///< Of TargetTable::Signal(); 0: none.
  std::error_code refused{};  ///< Why the kernel sent it no signal, the last time; clear: it did.
  /// Since when each look after the last signal found it in state D; negative: none did.
  std::chrono::microseconds stuck_since{-1};
};

/// The processes that are to end: all that the rule does not skip. The table finds them, stops
/// them, signals them and waits for their ends. It holds each by its pidfd, so that no signal hits
/// another process that got the same pid.
class TargetTable {
 public:
  using Micros = std::chrono::microseconds;

  TargetTable(Kernel& kernel, SkipRule& rule);
  /// Continues (SIGCONT) all that still live.
  ~TargetTable();
  TargetTable(const TargetTable&) = delete;
  TargetTable& operator=(const TargetTable&) = delete;

  /// Stops every process that is not skipped, so that none can fork: passes over /proc, until two
  /// in a row find no new process, none that vanished, and all targets in state T, t, Z or X. One
  /// such pass is not enough: a fork may be under way. Gives up at limits::kStopAll or kStopChase.
  void StopAll();
  /// Sends SIGCONT to all targets.
  void ContinueAll();
  /// Sends `signal` to each target that `choose` accepts and notes it as the target's last signal.
  void Signal(int signal, const std::function<bool(const Target&)>& choose);
  /// Waits until all targets have ended, or `until` is reached, or all that are left have been in
  /// state D for limits::kStuck.
  void WaitForEnds(Micros until);

  bool Empty() const { return targets_.empty(); }
  const std::map<pid_t, Target>& Targets() const { return targets_; }
  /// Why there may be processes that are no targets because they could not be seen: /proc cannot be
  /// listed, or a process in it not be read. Clear: StopAll() has seen all.
  std::error_code Unseen() const { return unseen_; }
  /// The targets that have ended.
  const ProcessNames& Ended() const { return ended_; }

 private:
  /// What one pass over /proc found.
  struct Pass {
    /// The pass before found all targets stopped. Only a process that is skipped could continue a
    /// target: what has a pidfd is not read again, and the pass finds what forked before it was
    /// stopped.
    bool all_stopped = false;
    bool quiet = true;          ///< No process new, none vanished, all targets stopped.
    bool found_new = false;     ///< A process was new, or vanished before it could be read.
    std::vector<Target> fresh;  ///< New processes, not yet asked of the rule.
  };

  void ReleaseSkipped();
  Pass Scan(bool all_stopped);
  void ScanProcess(pid_t pid, Pass* pass);
  void ScanNew(pid_t pid, Pass* pass);
  void AddTargets(Pass* pass);
  int OpenPidfd(pid_t pid, bool* gone);
  void ClosePidfd(Target* target);
  void Send(Target& target, int signal);
  std::error_code SendBy(int pidfd, const Target& target, int signal);
  bool IsSameProcess(const Target& target);
  /// Returns whether any had ended.
  bool DropEndedByPidfd();
  void DropEndedByState();
  bool AllStuck();
  void WaitForOne(Micros limit);
  std::map<pid_t, Target>::iterator Drop(std::map<pid_t, Target>::iterator target);
  std::map<pid_t, Target>::iterator DropEnded(std::map<pid_t, Target>::iterator target);

  Kernel& kernel_;
  SkipRule& rule_;
  std::map<pid_t, Target> targets_;
  /// Start times of the skipped and the ended processes.
  std::unordered_map<pid_t, std::uint64_t> ignored_;
  int descriptors_left_;
  bool pidfds_work_ = true;
  std::error_code unseen_;  ///< Of the last Scan().
  ProcessNames ended_;
};

}  // namespace curfew
