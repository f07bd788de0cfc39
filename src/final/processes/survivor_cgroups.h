// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <unordered_set>

#include "kernel/files.h"

namespace curfew {

/// The cgroups (version 2) that bear the mark of systemd's SurviveFinalKillSignal=: the attribute
/// user.survive_final_kill_signal, before Linux 5.7 trusted.survive_final_kill_signal, is "1" on
/// their directory. A cgroup that anybody but root may change, such as a delegated one, has no mark
/// that counts.
class SurvivorCgroups {
 public:
  /// Finds where cgroups of version 2 are mounted; without that none bears a mark.
  explicit SurvivorCgroups(Files& files);

  /// Reads which processes are in the root cgroup, unless that bears the mark itself: none of these
  /// has to be asked, and without systemd that is nearly each.
  void Refresh();
  /// Whether the cgroup that the process is in bears the mark. For a child: it reads a file of the
  /// process.
  bool Contain(pid_t pid);

 private:
  bool IsRoots(const std::string& path) const;
  bool IsMarked(const std::string& cgroup) const;

  Files& files_;
  std::string mount_point_;
  std::unordered_set<pid_t> in_root_;
  std::map<std::string, bool> known_;  ///< By the path of the cgroup.
};

}  // namespace curfew
