// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// Sets the hardware clock to the system's time and notes it in /etc/adjtime, as
/// `hwclock --systohc` does. The file is written before this returns; the clock is set beside the
/// next stages, when its second begins (Settle(), at most 2 s). USE_HWCLOCK=no and SYSTOHC=no leave
/// both alone, and a machine without a hardware clock has nothing to set.
void ClockStage(StageContext& context);

}  // namespace curfew
