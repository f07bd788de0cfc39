// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "console/show_plan.h"

namespace curfew {

/// Why the service or link `name` runs in the plan or does not, what it waits for and by which file
/// or rule, and what waits for it. An error where the plan does not know the name.
PlanOutput WhyText(const PlanView& view, const std::string& name, std::size_t width);

}  // namespace curfew
