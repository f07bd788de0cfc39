// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <chrono>

#include "plan/plan.h"

namespace curfew {

/// How long rc still waits for one script. The caller passes the time in.
///
/// A script is overdue when it made no progress for Script::limit, or when it has taken
/// Script::limit_hard in all; 0 is no such limit. After the first hang of a run a third of `limit`
/// is enough.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  enum class Verdict {
    kWait,
    kNearQuiet,  ///< once after each progress: a third of the limit is left, 30 s at the most
    kNearHard,   ///< the same for the whole time, once
    kQuiet,      ///< overdue: no progress for too long
    kHard,       ///< overdue: too long in all
  };

  Deadline(const Script& script, Time begin);

  void Progressed(Time now) { progress_ = now; }
  /// Another script hung: from `now` on a third of the limit counts, and the whole limit from the
  /// last progress on as before.
  void Shorten(Time now);

  /// The script is not overdue for want of progress before `until`.
  void Extend(Time until) { extended_ = std::max(extended_, until); }

  Verdict Judge(Time now);

  Time begin() const { return begin_; }
  Time progress() const { return progress_; }
  /// Whole seconds since the last progress.
  std::chrono::seconds Quiet(Time now) const;
  /// The time until the script is overdue, by the limit that comes first: rounded up, at least 0.
  std::chrono::seconds Left(Time now) const;
  /// The limit without progress that counts now; 0: none.
  std::chrono::milliseconds limit() const;

 private:
  using Duration = std::chrono::milliseconds;

  Time QuietEnd() const;
  Time HardEnd() const;

  const Time begin_;
  const Duration quiet_;
  const Duration hard_;
  Time progress_;
  Time shortened_ = Time::max();  ///< when a third became enough; max: it is not
  Time noticed_ = Time::min();    ///< the progress after which kNearQuiet was said
  Time extended_ = Time::min();
  bool hard_noticed_ = false;
};

/// Whether the script phase is over: `budget` (0: none) has passed since it began and no script
/// made progress for 10 s, or twice the budget has passed.
bool BudgetOver(std::chrono::seconds budget, std::chrono::milliseconds passed,
                std::chrono::milliseconds since_progress);

}  // namespace curfew
