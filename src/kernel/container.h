// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "kernel/kernel.h"

namespace curfew {

/// Whether PID 1 here is a container's: then the machine below belongs to somebody else. False also
/// where PID 1 does not show its environment within 2 s.
bool InContainer(Kernel& kernel);

}  // namespace curfew
