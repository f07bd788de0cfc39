// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "final/storage/dead_devices.h"

namespace curfew {

/// A loop device with its backing file.
struct Loop {
  std::string name;  ///< "loop0"
  std::string file;  ///< Path as in sysfs. It may belong to another mount namespace.
};

/// The loop devices of this machine that have a file, from sysfs.
std::vector<Loop> AttachedLoops(Kernel& kernel);

/// Flushes and detaches each of `loops`. The kernel detaches a busy one when its last user goes:
/// AttachedLoops() shows whether it did. A loop device without progress for 10 s is added to
/// `dead`.
void DetachLoops(StageContext& context, const std::vector<Loop>& loops, DeadDevices* dead);

}  // namespace curfew
