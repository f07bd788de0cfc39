// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "final/stage.h"

namespace curfew {

/// Names of the loop devices that have a file, from sysfs: "loop0".
std::vector<std::string> AttachedLoops(Kernel& kernel);

/// Flushes each of `loops` and takes its file away. A busy one only learns to go with its last
/// user: the caller looks again with AttachedLoops. One that misses 10 s goes into `dead`.
void DetachLoops(StageContext& context, const std::vector<std::string>& loops,
                 std::set<std::string>* dead);

}  // namespace curfew
