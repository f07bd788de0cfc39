// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "run/event.h"
#include "run/launcher.h"
#include "run/script_run.h"
#include "run/state_files.h"

namespace curfew {

/// Keeps the state files true while a plan runs: which stops are complete, which scripts run. Reads
/// what an earlier rc left. The first error is told.
class RunRecord {
 public:
  RunRecord(const Plan& plan, Launcher& launcher, Listener& listener, StateFiles& files);

  /// The script with which an earlier rc began `action` on the service; null: there is none.
  const StateFiles::Running* FindOld(const std::string& service, Action action) const;

  /// Call it when a script has ended. Only an exit status that says so makes a stop complete.
  void Ended(const Script& script, ExitStatus status);
  /// Call it when a script has started, has ended, or was abandoned.
  void Changed() { changed_ = true; }
  /// Writes down what runs now if it has Changed(): a crash of rc, as its end by SIGTERM, must not
  /// make the next one start a script again beside itself.
  void Write(const std::vector<ScriptRun>& runs);
  /// A change of level that leaves the machine up is over. Scripts that still run are no business
  /// of the next change.
  void Close();

 private:
  void Tell(const std::string& file, std::error_code error);

  const Plan& plan_;
  Launcher& launcher_;
  Listener& listener_;
  StateFiles& files_;
  const std::vector<StateFiles::Running> left_running_;  ///< by an earlier rc
  bool changed_ = false;
  bool failed_ = false;
};

}  // namespace curfew
