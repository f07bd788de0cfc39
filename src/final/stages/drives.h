// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// Empties the write cache of each disk that has one, all at the same time, at most 10 s; not after
/// -n. With -h, and not for a restart, it then tells the kernel to put those drives into standby
/// that it would leave running: the kernel parks each once, after its own last flush, and a drive
/// that was parked from here would be woken by that. While a RAID is active no drive is parked so.
void DrivesStage(StageContext& context);

}  // namespace curfew
