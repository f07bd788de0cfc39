// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "final/processes/victim.h"
#include "final/storage/dead_devices.h"

namespace curfew {

/// What processes hang in that do not even end by KILL.
class Triage {
 public:
  explicit Triage(StageContext& context) : context_(context) {}

  /// Finds what those in D wait for. Devices go on the list of the dead only where there is no
  /// doubt, because what is on it is not written back any more: a network file system in whose code
  /// the process hangs, a device that is suspended. FUSE is cut off from its daemon. Never what
  /// carries / or /usr. Whether a process may end by that.
  bool Judge(const std::map<pid_t, Victim>& living);
  /// Names those that live.
  void Report(const std::map<pid_t, Victim>& living);

 private:
  struct Finding {
    std::string wait;    ///< The function of the kernel, or "?".
    std::string target;  ///< The mount point; empty: not known.
  };

  Finding Find(const ProcessInfo& process, const std::vector<Mount>& mounts, bool* freed);
  const Mount* Guess(const std::vector<Mount>& mounts, const std::string& wait, pid_t pid);
  bool GiveUp(const Mount& mount, const std::string& wait);

  StageContext& context_;
  std::map<pid_t, Finding> findings_;
  int late_ = 0;  ///< Looks at processes that were not answered.
};

}  // namespace curfew
