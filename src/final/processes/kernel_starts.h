// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// Keeps the kernel from starting programs of its own, and from writing core files, while processes
/// are ended: empties core_pattern, and removes all handlers of binfmt_misc, of which those with
/// the flag F have files open. Only in a shutdown, and in no container: both are the whole
/// machine's. A kernel that refuses is no fault: what a handler keeps is named with its mount.
void StopKernelStarts(StageContext& context);

}  // namespace curfew
