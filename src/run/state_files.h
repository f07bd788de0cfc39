// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"

namespace curfew {

/// What one rc leaves to the next about its scripts, in /run/curfew: which stops are complete (so
/// that 6 turned into 0 stops nothing twice), and which scripts were still running when a second
/// level change ended it. One service a line, its name escaped.
class StateFiles {
 public:
  /// A script that an earlier rc left running.
  struct Running {
    Action action;
    pid_t pid;
    unsigned long long start_time;
    std::string service;
    bool abandoned = false;  ///< nobody waited for it any more
  };

  /// `root` is "" for the machine itself.
  explicit StateFiles(const std::string& root);

  /// Services whose stop is complete. Empty where there is no ledger.
  std::vector<std::string> Stopped() const;
  std::vector<Running> LeftRunning() const;
  /// The level that the first request of this shutdown left; empty where nobody noted it.
  std::string LevelLeft() const;

  /// Forgets an earlier shutdown that was turned back, also what halt's stages marked as done in
  /// it: services may be started again from here on, and the next shutdown is a new one.
  void Forget();
  /// Each is one write to /run; the error is that of the first failed call.
  std::error_code RecordStopped(const std::string& service);
  std::error_code RecordRunning(const std::vector<Running>& running);
  std::error_code RecordLevelLeft(const std::string& level);

 private:
  std::string dir_;
};

}  // namespace curfew
