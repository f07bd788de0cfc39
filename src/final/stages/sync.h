// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// Writes back what is still dirty: each writable file system by itself, those on different devices
/// beside each other, so that a dead disk does not keep the others from it; a device has as long as
/// it gets on, and 10 s without. Then sync(2) for what no mount of ours shows, unless a device is
/// dead, for which it would wait. Does nothing after -n.
void SyncStage(StageContext& context);

}  // namespace curfew
