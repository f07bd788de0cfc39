// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/stage.h"

namespace curfew {

/// Sets the hardware clock to the system's time and notes it in /etc/adjtime, as
/// `hwclock --systohc` does; at most 2 s. A machine without a hardware clock has nothing to set.
void ClockStage(StageContext& context);

}  // namespace curfew
