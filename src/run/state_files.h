// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "kernel/files.h"
#include "plan/plan.h"

namespace curfew {

/// What one rc leaves to the next about its scripts, in /run/curfew. One service a line, its name
/// escaped.
///
/// How a second request (6 turned into 0) runs through both rc:
/// 1. The first rc appends each stop that is complete to `stopped` and keeps in `running` which
///    scripts run, with pid, start time and whether rc has abandoned them (RunRecord). It has
///    written the level that it left to `left` (rc.cc).
/// 2. init ends the first rc with SIGTERM. LinuxLauncher turns that into RunEvent::kTerminate, and
///    Run() returns kPreempted within a second. No script ends by that. Where rc dies instead, its
///    stub waits for the scripts in `running` and does not start them again.
/// 3. The second rc finds itself in the same shutdown (PlanFor, ContinuesShutdown). Its plan leaves
///    out the services in `stopped`, and keeps the previous level of `left`.
/// 4. Its Runner reads `running`. A script that it would start, and that still runs,
///    is adopted (AdoptFromOldRc): followed, not started again. A stop whose service is still being
///    started waits for that start (WaitForOldStart), at most LIMIT.
/// 5. RcHeartbeat takes over the page of the first rc, so that the one dead-man stays.
class StateFiles {
 public:
  /// A script that an earlier rc left running.
  struct Running {
    Action action;
    pid_t pid;
    unsigned long long start_time;
    std::string service;
    bool abandoned = false;  ///< the earlier rc did not wait for the script any more
  };

  /// `root` is "" for the machine itself.
  StateFiles(Files& files, std::string root) : files_(files), root_(std::move(root)) {}

  /// Services whose stop is complete. Empty where there is no file.
  std::vector<std::string> Stopped() const;
  std::vector<Running> LeftRunning() const;
  /// The level that the first request of this shutdown left; empty where it is not recorded.
  std::string LevelLeft() const;

  /// Removes the files of an earlier shutdown that was turned back, and the marks of halt's stages:
  /// from here on services may start again, and the next shutdown is a new one.
  void Forget();
  /// Each is one write to /run; the error is that of the first call that failed.
  std::error_code RecordStopped(const std::string& service);
  std::error_code RecordRunning(const std::vector<Running>& running);
  std::error_code RecordLevelLeft(const std::string& level);

 private:
  /// Below the root, also where links of the tree lead elsewhere.
  std::string PathOf(const char* file) const;
  std::string Read(const char* file) const;

  Files& files_;
  const std::string root_;
};

}  // namespace curfew
