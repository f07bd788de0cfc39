// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "plan/plan.h"

namespace curfew {

/// For each script of the pass those of its `after` that no other of them waits for, rising: the
/// shortest lists that order the scripts in the same way.
std::vector<std::vector<Dependency>> DirectDependencies(const Pass& pass);

}  // namespace curfew
