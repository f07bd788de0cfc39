// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/usual_times.h"

#include <algorithm>

namespace curfew {

void UsualTimes::Add(const RecordedRun& run) {
  for (const RecordedScript& script : run.scripts) {
    const auto took = script.DurationUs();
    if (took && script.outcome == RecordedOutcome::kEnded) {
      times_[{script.service, script.action}].push_back(*took);
    }
  }
}

std::optional<long long> UsualTimes::Of(const RecordedScript& script) const {
  const auto found = times_.find({script.service, script.action});
  return found == times_.end() ? std::nullopt : Median(found->second);
}

UsualDurations UsualTimes::All() const {
  UsualDurations all;
  for (const auto& [key, times] : times_) {
    const auto median = Median(times);
    const Action action = key.second == ActionWord(Action::kStop) ? Action::kStop : Action::kStart;
    if (median) all[{key.first, action}] = std::chrono::microseconds(*median);
  }
  return all;
}

std::optional<long long> UsualTimes::Median(std::vector<long long> times) {
  constexpr std::size_t kLeast = 3;
  if (times.size() < kLeast) return std::nullopt;
  std::sort(times.begin(), times.end());
  const std::size_t half = times.size() / 2;
  return times.size() % 2 == 1 ? times[half] : (times[half - 1] + times[half]) / 2;
}

bool IsUnusual(long long took_us, long long usual_us) {
  constexpr long long kHalfSecond = 500000;
  return took_us > 2 * usual_us && took_us > usual_us + kHalfSecond;
}

}  // namespace curfew
