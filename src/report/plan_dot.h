// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "plan/plan.h"

namespace curfew {

/// The plan as a graph for dot(1): a box a script, an arrow from each script to those that wait
/// for it directly, dashed where a rule of rc asks for it and no file.
std::string PlanDot(const Plan& plan);

}  // namespace curfew
