// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "plan/plan.h"

namespace curfew {

/// The plan for people, as `curfew plan` and `rc --dry-run` print it: each pass with its scripts,
/// what runs and what each waits for; then what is left out and why; then the hand-over. Names are
/// escaped. Warnings are not part of it: they belong on stderr.
std::string PlanText(const Plan& plan);

}  // namespace curfew
