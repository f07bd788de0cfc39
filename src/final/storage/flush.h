// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <vector>

#include "final/context/stage_context.h"
#include "final/storage/dead_devices.h"
#include "final/storage/storage_graph.h"

namespace curfew {

/// One mount of each writable file system that keeps its data outside memory.
std::vector<Mount> WritableMounts(Files& files, const std::vector<Mount>& mounts);

/// Makes `call` for each of `mounts`; their errors. File systems on different devices do not wait
/// for each other, so that a dead disk does not hold up the others; a device without progress for
/// its limit (DeviceLimits) is added to `dead`.
std::vector<std::error_code> EachMount(StageContext& context, const StorageGraph& graph,
                                       const std::vector<Mount>& mounts, DeadDevices* dead,
                                       const std::function<std::error_code(const Mount&)>& call);

/// The same with syncfs(2) and then `then`; the errors of both. Names what could not be written.
std::vector<std::error_code> SyncEach(StageContext& context, const StorageGraph& graph,
                                      const std::vector<Mount>& mounts, DeadDevices* dead,
                                      const std::function<std::error_code(const Mount&)>& then);

/// Before the first signal of the kill stage. Thaws each local file system (FITHAW), because
/// whoever froze it is about to be ended, and writes that wait would be lost. Then writes all back
/// while the processes that serve disks still live, and so that those that save their state wait
/// for no pages of others; not after -n. Names each file system that the kernel made read-only by
/// itself.
void SecureDisks(StageContext& context);

}  // namespace curfew
