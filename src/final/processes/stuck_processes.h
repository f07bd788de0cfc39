// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "final/processes/target_table.h"
#include "final/storage/dead_devices.h"

namespace curfew {

/// The targets that do not even end by KILL.
class StuckProcesses {
 public:
  explicit StuckProcesses(StageContext& context) : context_(context) {}

  /// Finds what each target in state D waits for, and gives that up where there is no doubt: it
  /// aborts the connection of a FUSE file system, and puts on the list of dead devices a network
  /// file system in whose code a target waits, and a suspended device. Nothing is written back to a
  /// dead device, so neither / nor /usr is ever given up. Returns whether a target may end by this.
  bool Free(const std::map<pid_t, Target>& targets);
  /// Names those that still live.
  void Report(const std::map<pid_t, Target>& targets);

 private:
  struct Cause {
    std::string wait;    ///< The kernel function that the process waits in, or "?".
    std::string target;  ///< The mount point; empty: not known.
  };

  Cause FindCause(const ProcessInfo& process, const std::vector<Mount>& mounts, bool* freed);
  const Mount* GuessMount(const std::vector<Mount>& mounts, const std::string& wait, pid_t pid);
  bool GiveUp(const Mount& mount, const std::string& wait);

  StageContext& context_;
  std::map<pid_t, Cause> causes_;
  int unanswered_ = 0;  ///< Processes whose files in /proc could not be read in time.
};

}  // namespace curfew
