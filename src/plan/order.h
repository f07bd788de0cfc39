// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "plan/input.h"
#include "plan/member.h"

namespace curfew {

/// The order of the members of one pass. All lists are by member index.
struct Order {
  std::vector<std::vector<int>> after;  ///< whom each waits for; only members that run
  std::vector<bool> interactive;
  std::vector<int> importance;
  std::vector<int> sequence;  ///< the members that run, each behind all it waits for
};

/// Edges come from the pass's .depend file; for scripts it does not name, and where it is missing,
/// from LSB headers and link numbers; then from the ranks. Broken cycles go to plan->warnings.
/// A source that goes by name has one edge from each member to the next.
Order MakeOrder(const Source& source, const std::vector<Member>& members, const Tree& tree,
                Plan* plan);

}  // namespace curfew
