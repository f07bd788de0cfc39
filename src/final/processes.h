// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/stage.h"

namespace curfew {

/// Ends all processes but those of `Spared`: TERM to each, HUP also to those with a controlling
/// terminal, up to KILL_WAIT to obey, then KILL. A process that hangs in the kernel (state D) is
/// waited for 2 s, named with what it waits in, and left.
void KillStage(StageContext& context);

}  // namespace curfew
