// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "plan/plan.h"

namespace curfew {

/// For each script of the pass the indices, rising, of those that it waits for and that no other
/// of its `after` waits for: the shortest lists that order the scripts in the same way.
std::vector<std::vector<int>> DirectDependencies(const Pass& pass);

}  // namespace curfew
