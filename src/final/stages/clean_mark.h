// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// Leaves on / what the boot scripts of the system look for, before / becomes read-only: Red Hat's
/// rc.sysinit takes an /.autofsck that it finds for the sign of a crash, SUSE's boot.rootfsck a
/// /success for that of a clean end. Those of a container look for it on its own /, too. Does
/// nothing outside a shutdown.
void LeaveCleanMark(StageContext& context);

}  // namespace curfew
