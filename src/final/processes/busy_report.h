// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <system_error>
#include <vector>

#include "final/context/stage_context.h"
#include "final/storage/storage_graph.h"

namespace curfew {

/// A mount that no pass of unmounts could take off.
struct BusyMount {
  Mount mount;
  std::error_code refused;  ///< The last answer of umount2(2); clear: it was not asked.
};

/// Says of each of `left` in one line why it is still mounted and who holds it (MountHolders), and
/// writes the event `busy`. Leaves out what a live system runs from: what is read-only below /run;
/// and before the last halt what only devices hold that the last halt takes down.
void ReportBusy(StageContext& context, const StorageGraph& graph, std::vector<BusyMount> left);

}  // namespace curfew
