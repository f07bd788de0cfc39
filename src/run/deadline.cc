// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/deadline.h"

#include <algorithm>

namespace curfew {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// After the first hang of a run a script has this share of its limit: 1/3.
constexpr int kShare = 3;
constexpr milliseconds kLongestNotice{30000};
/// Older progress does not prolong the script phase.
constexpr milliseconds kFreshProgress{10000};

milliseconds Notice(milliseconds limit) {
  return std::min(limit / 3, kLongestNotice);
}

}  // namespace

Deadline::Deadline(const Script& script, Time begin)
    : begin_(begin), quiet_(script.limit), hard_(script.limit_hard), progress_(begin) {}

void Deadline::Shorten(Time now) {
  shortened_ = std::min(shortened_, now);
}

Deadline::Time Deadline::QuietEnd() const {
  if (quiet_.count() == 0) return Time::max();
  Time end = progress_ + quiet_;
  if (shortened_ != Time::max())
    end = std::min(end, std::max(progress_, shortened_) + quiet_ / kShare);
  return std::max(end, extended_);
}

Deadline::Time Deadline::HardEnd() const {
  return hard_.count() == 0 ? Time::max() : begin_ + hard_;
}

Deadline::Verdict Deadline::Judge(Time now) {
  if (now >= QuietEnd()) return Verdict::kQuiet;
  if (now >= HardEnd()) return Verdict::kHard;
  // Where the limit without progress ends first, kNearQuiet tells of it.
  if (HardEnd() < QuietEnd() && !hard_noticed_ && now >= HardEnd() - Notice(hard_)) {
    hard_noticed_ = true;
    return Verdict::kNearHard;
  }
  if (quiet_.count() != 0 && noticed_ != progress_ && now >= QuietEnd() - Notice(limit())) {
    noticed_ = progress_;
    return Verdict::kNearQuiet;
  }
  return Verdict::kWait;
}

seconds Deadline::Quiet(Time now) const {
  return std::chrono::duration_cast<seconds>(now - progress_);
}

seconds Deadline::Left(Time now) const {
  const Time end = std::min(QuietEnd(), HardEnd());
  if (end == Time::max()) return seconds::max();
  return std::max(std::chrono::ceil<seconds>(end - now), seconds(0));
}

milliseconds Deadline::limit() const {
  return shortened_ == Time::max() ? quiet_ : quiet_ / kShare;
}

bool BudgetOver(seconds budget, milliseconds passed, milliseconds since_progress) {
  if (budget.count() == 0 || passed < budget) return false;
  return since_progress >= kFreshProgress || passed >= 2 * budget;
}

}  // namespace curfew
