// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// Ends BSD process accounting, which would write to a disk for each process that ends.
void AccountingStage(StageContext& context);

}  // namespace curfew
