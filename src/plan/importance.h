// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "plan/member.h"

namespace curfew {

/// For each member a number by which ready scripts are preferred: first what startpar prefers by
/// name (MB:121-128), handed down to all it waits for; then the length of the longest chain that
/// waits for it. `after` must be acyclic.
std::vector<int> Importance(const std::vector<Member>& members,
                            const std::vector<std::vector<int>>& after);

}  // namespace curfew
