// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// Makes /usr, / and every other local disk that is still mounted read-only, reads the result back
/// and says it: `/ is read-only`, or `/ is NOT read-only: reason`; of what was so before nothing is
/// said. A disk that refuses (a swap file is in use on it) is frozen, never / or /usr. PID 1 lets
/// go of deleted files first. In a container that owns no superblock its own mount of / is made
/// read-only.
void ReadOnlyStage(StageContext& context);

}  // namespace curfew
