// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <optional>

#include "plan/plan.h"

namespace curfew {

/// How long rc waits for the scripts of a plan at the most. Native stages count as nothing: they
/// have limits of their own.
struct LongestTime {
  std::chrono::seconds quiet{0};   ///< while no script makes progress
  std::chrono::seconds in_all{0};  ///< whatever progress they make
  bool unlimited = false;          ///< some scripts have no limit, and are not in these
};

/// `budget` is STOP_BUDGET, of a plan that is down; `jobs` how many scripts run at one time.
LongestTime LongestTimeOf(const Plan& plan, std::chrono::seconds budget, int jobs);

}  // namespace curfew
