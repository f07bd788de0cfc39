// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// Ends all processes but those of `Spared`, as EndProcesses() does it. Between TERM and KILL what
/// is mounted through FUSE daemons is unmounted.
void KillStage(StageContext& context);

}  // namespace curfew
