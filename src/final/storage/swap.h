// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/storage/dead_devices.h"
#include "final/storage/storage_graph.h"

namespace curfew {

/// Turns off each area that needs it and whose device answers. An area that holds more than fits
/// into memory stays on and is named. One that does not get emptier within the limit of its device
/// is added to `dead`.
void SwapOffWhereNeeded(StageContext& context, const StorageGraph& graph, DeadDevices* dead);

}  // namespace curfew
