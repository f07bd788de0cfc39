// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <vector>

#include "run/script_run.h"

namespace curfew {

/// How long each script can be put off without putting off the end of its pass (critical path
/// method), and which scripts therefore get only the CPU that the others leave.
///
/// A script takes as long as its `usual`; where that is not known, as long as the median of those
/// that are; where none is known, a second. So chains count by their length then.
class Slack {
 public:
  using Time = Deadline::Time;
  using Duration = std::chrono::microseconds;

  /// `runs` are the scripts of the plan, by ScriptRun::id.
  explicit Slack(const std::vector<ScriptRun>& runs);

  /// The longest chain from the begin of the script to the end of its pass.
  Duration Chain(int id) const { return chains_[static_cast<size_t>(id)]; }
  /// The slack of the script before any has begun; 0 on the critical chain.
  Duration Of(int id) const { return slacks_[static_cast<size_t>(id)]; }

  /// The script begins now. `ready` is the longest chain of those that may begin, too. Returns
  /// whether the script gets only the CPU that others leave, until ToRaise() names it.
  bool Begin(const ScriptRun& run, Duration ready, Time now);
  /// rc does not wait for the script any more.
  void End(const ScriptRun& run) { running_.erase(run.id); }
  /// The ids of the scripts whose slack is used up, each once.
  std::vector<int> ToRaise(Duration ready, Time now);
  /// When the first slack is used up at the latest; `Time::max()`: no script has a low share.
  Time NextRaise() const;

 private:
  struct Running {
    Time since;  ///< the begin, or when the script was raised
    bool low;    ///< gets only the CPU that others leave, until `raise` at the latest
    Time raise;
  };

  Duration Left(int id, const Running& running, Time now) const;
  Duration LongestLeft(Duration ready, Time now) const;

  std::vector<Duration> takes_, chains_, slacks_;
  std::vector<Duration> common_;  ///< of each chain, what all scripts of the pass share
  std::map<int, Running> running_;
};

}  // namespace curfew
