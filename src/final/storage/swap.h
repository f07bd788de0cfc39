// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "final/storage/dead_devices.h"
#include "final/storage/storage_graph.h"

namespace curfew {

/// Turns off each area that needs it and whose device answers. Returns a line for people for each
/// that stays on: it holds more than fits into memory, or the kernel refuses. One that does not get
/// emptier within the limit of its device is added to `dead`.
std::vector<std::string> SwapOffWhereNeeded(StageContext& context, const StorageGraph& graph,
                                            DeadDevices* dead);

}  // namespace curfew
