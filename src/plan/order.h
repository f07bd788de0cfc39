// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "plan/member.h"

namespace curfew {

/// Orders the members of one pass and adds the stage that unmounts network file systems early.
///
/// Edges come from the .depend file of the pass; for scripts that it does not name, and where it is
/// missing, from LSB headers and link numbers; then from the ranks. A source that goes by name has
/// one edge from each member to the next. Broken cycles are added to plan->warnings.
///
/// Returns the indices of the members that will run, each behind all that it waits for.
std::vector<int> MakeOrder(const PlanInput& input, const PassSource& source, Plan* plan,
                           std::vector<Member>* members);

}  // namespace curfew
