// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "report/recorded_run.h"

namespace curfew {

/// One step of what a run waited for.
struct ChainStep {
  /// Why the step did not begin earlier.
  enum class Why {
    kFromStart,   ///< it did
    kDependency,  ///< it waits for the end of `before`, by the plan
    kTurn,        ///< it began when `before` had ended: one at a time, or all stops first
    kStages,      ///< the stages of halt go one by one, the first after the last script
    kUnknown,
  };
  std::string name;  ///< a service or a stage
  bool stage = false;
  bool first_stage = false;
  bool running = false;    ///< the trace has no end of it
  long long begin_us = 0;  ///< CLOCK_BOOTTIME
  long long took_us = 0;
  Why why = Why::kUnknown;
  std::string before;     ///< the step that ended before this one could begin
  long long late_us = 0;  ///< between the end of that and the begin of this
};

/// What the run waited for, from its end backwards: each step began when the one behind it in the
/// list had ended. The first is the stage or the script that ended last, or that still ran when the
/// trace stopped.
std::vector<ChainStep> CriticalChain(const RecordedRun& run);

}  // namespace curfew
