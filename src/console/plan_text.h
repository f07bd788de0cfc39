// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "plan/plan.h"

namespace curfew {

/// The text that `curfew plan` and `rc --dry-run` print: each pass with its scripts, what rc runs
/// and what each script waits for; the links left out, with the reasons; the hand-over. Names are
/// escaped. Warnings are not included: they go to standard error.
std::string PlanText(const Plan& plan);

}  // namespace curfew
