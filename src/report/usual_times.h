// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/recorded_run.h"
#include "run/usual_durations.h"

namespace curfew {

/// How long the services of some runs took, each in one direction: the median.
class UsualTimes {
 public:
  /// Takes the durations of the scripts that ended in this run.
  void Add(const RecordedRun& run);

  /// Microseconds; nothing where fewer than three runs have it.
  std::optional<long long> Of(const RecordedScript& script) const;

  /// The same of all services, for rc.
  UsualDurations All() const;

 private:
  static std::optional<long long> Median(std::vector<long long> times);

  /// By service and action.
  std::map<std::pair<std::string, std::string>, std::vector<long long>> times_;
};

/// Whether a script that took `took_us` was slow: more than twice and half a second longer than
/// `usual_us`.
bool IsUnusual(long long took_us, long long usual_us);

}  // namespace curfew
