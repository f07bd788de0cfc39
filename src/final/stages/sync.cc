// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "config/limits.h"
#include "final/stages/stages.h"
#include "final/storage/dead_devices.h"
#include "final/storage/device_progress.h"
#include "final/storage/flush.h"
#include "final/storage/mount_calls.h"
#include "final/storage/mount_plan.h"
#include "final/storage/settled_mounts.h"
#include "final/storage/storage_graph.h"
#include "kernel/in_child.h"

namespace curfew {
namespace {

/// A disk that was called dead gets one more try: it may have stalled. No stage comes that could
/// still make it read-only, so that is done here. A device that is suspended is not asked again,
/// nor is any after the hooks.
void TryAgain(StageContext& context, const StorageGraph& graph, std::vector<Mount> mounts,
              DeadDevices* dead) {
  std::erase_if(mounts, [&](const Mount& mount) {
    auto numbers = graph.CarriersOf(mount.device);
    numbers.insert(mount.device);
    return !HasDisk(mount) || IsSettled(context, mount) ||
           std::any_of(graph.devices.begin(), graph.devices.end(), [&](const BlockDevice& device) {
             return device.suspended && numbers.contains(device.number);
           });
  });
  const auto errors = SyncEach(context, graph, mounts, dead, [&](const Mount& mount) {
    return RemountReadOnly(context.kernel, mount);
  });
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    if (errors[i]) continue;
    dead->Forget(mounts[i].device);
    context.left_writable.erase(mounts[i].target);
    context.report.Say(mounts[i].source + " (" + mounts[i].target +
                       ") answers again; it is read-only");
    context.report.Event("read-only", {{"target", mounts[i].target}, {"done", "1"}});
  }
}

void SyncAll(StageContext& context, const StorageGraph& graph) {
  DeviceProgress progress(context, graph, "syncing");
  // sync(2) tells no error, and a missed limit is said.
  (void)EachInChild(
      context.kernel,
      {.count = 1,
       .limit = limits::kDisk,
       .call =
           [&](std::size_t) {
             context.kernel.Sync();
             return std::error_code();
           },
       .timed_out =
           [&](std::size_t) {
             context.report.Say("a file system is not written back within 10 s; it is left");
           },
       .made_progress = [&](std::size_t) { return progress.Made(DeviceProgress::kAll); }});
}

}  // namespace

void SyncStage(StageContext& context) {
  if (!context.request.sync) return;
  DeadDevices dead(context);
  const StorageGraph graph = ReadStorage(context.kernel);
  auto living = WritableMounts(context.kernel, graph.mounts);
  const auto first = std::stable_partition(living.begin(), living.end(), [&](const Mount& mount) {
    return !dead.Contains(mount.device);
  });
  const std::vector<Mount> called_dead(first, living.end());
  living.erase(first, living.end());
  (void)SyncEach(context, graph, living, &dead, [](const Mount&) { return std::error_code(); });
  TryAgain(context, graph, called_dead, &dead);
  if (dead.Empty()) SyncAll(context, graph);
}

}  // namespace curfew
