// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "plan/member.h"

namespace curfew {

/// What rc does for one member of a pass: runs its script, or a native stage in its place. `after`
/// stays empty. An edited script that keeps a native stage from running adds a warning to `plan`.
Script MakeScript(const PlanInput& input, const PassSource& source, const Member& member,
                  Plan* plan);

}  // namespace curfew
