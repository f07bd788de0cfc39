// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// Turns disk quotas off: their open files would keep a file system from becoming read-only.
void QuotaStage(StageContext& context);

}  // namespace curfew
