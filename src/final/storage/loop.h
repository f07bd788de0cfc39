// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "final/storage/dead_devices.h"

namespace curfew {

/// A loop device that has a file.
struct Loop {
  std::string name;  ///< "loop0"
  std::string file;  ///< As the kernel tells it; not below our root: a name of another namespace.
};

/// Those of this machine, from sysfs.
std::vector<Loop> AttachedLoops(Kernel& kernel);

/// Flushes each of `loops` and takes its file away. A busy one only learns to go with its last
/// user: the caller looks again with AttachedLoops. One that misses 10 s without progress is dead.
void DetachLoops(StageContext& context, const std::vector<Loop>& loops, DeadDevices* dead);

}  // namespace curfew
