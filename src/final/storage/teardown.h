// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "final/context/stage_context.h"
#include "final/storage/dead_devices.h"
#include "final/storage/storage_graph.h"

namespace curfew {

/// What became of a device that was to be taken down.
struct Teardown {
  BlockDevice device;
  std::error_code error;  ///< Clear: it is gone, or empty, which was read back from the kernel.
};

/// Flushes and takes down each of `devices`: detaches a loop device, removes a device of device
/// mapper, stops an array, disconnects an nbd, resets a zram. Removal is what makes dm-cache,
/// dm-writecache and dm-integrity write their metadata and their mark of a clean end. A device that
/// something opened only for a moment, as udev does, is tried again for 0.2 s. A busy loop device
/// is detached by the kernel when its last user goes. A device without progress for its limit
/// (DeviceLimits) is added to `dead`. A write error is reported.
std::vector<Teardown> TakeDown(StageContext& context, const StorageGraph& graph,
                               const std::vector<BlockDevice>& devices, DeadDevices* dead);

}  // namespace curfew
