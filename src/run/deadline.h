// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>

#include "plan/plan.h"

namespace curfew {

/// How long one script is still waited for. Pure arithmetic: the time is passed in.
///
/// It is overdue when it made no progress for Script::limit, or when it has taken
/// Script::limit_hard in all; 0 is no such limit. From the second hang of a run on a third of
/// `limit` is enough.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  enum class Verdict {
    kWait,
    kNearQuiet,  ///< once in each quiet spell: a third of the limit is left, 30 s at the most
    kNearHard,   ///< the same for the whole time, once
    kQuiet,      ///< overdue: no progress for too long
    kHard,       ///< overdue: too long in all
  };

  Deadline(const Script& script, Time begin);

  void Progressed(Time now) { progress_ = now; }
  /// Another script hung: from `now` on this one is given a third of its limit; what it had before
  /// still ends it, too.
  void Shorten(Time now);

  Verdict Judge(Time now);

  Time begin() const { return begin_; }
  Time progress() const { return progress_; }
  /// Whole seconds since the last progress.
  std::chrono::seconds Quiet(Time now) const;
  /// Until it is overdue, rounded up: 0 at the least; of the limit that comes first.
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
  bool hard_noticed_ = false;
};

/// Whether the script phase is over: `budget` (0: none) has passed since it began and no script
/// made progress for 10 s, or twice the budget has passed.
bool BudgetOver(std::chrono::seconds budget, std::chrono::milliseconds passed,
                std::chrono::milliseconds since_progress);

}  // namespace curfew
