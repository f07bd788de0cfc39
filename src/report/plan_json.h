// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "run/plan_view.h"

namespace curfew {

/// `curfew plan --json`; curfew(8) has the schema.
std::string PlanJson(const PlanView& view);

}  // namespace curfew
