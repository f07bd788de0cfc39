// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "kernel/files.h"

namespace curfew {

/// Whether PID 1 here is a container's: then the machine below belongs to somebody else.
bool InContainer(Files& files);

}  // namespace curfew
