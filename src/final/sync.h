// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/stage.h"

namespace curfew {

/// Writes back what is still dirty: each writable file system by itself, so that one dead disk
/// does not keep the others from it, then sync(2) for what no mount of ours shows. Each gets 10 s.
/// Does nothing after -n.
void SyncStage(StageContext& context);

}  // namespace curfew
