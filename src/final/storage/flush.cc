// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/flush.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "config/limits.h"
#include "final/storage/device_limits.h"
#include "final/storage/device_progress.h"
#include "final/storage/fuse.h"
#include "final/storage/mount_calls.h"
#include "final/storage/mount_plan.h"
#include "final/storage/settled_mounts.h"
#include "final/storage/stack.h"
#include "kernel/in_child.h"

namespace curfew {
namespace {

/// The writable file systems of this machine's own disks that answer and are not settled.
std::vector<Mount> LocalDisks(StageContext& context, const StorageGraph& graph,
                              const DeadDevices& dead) {
  const auto netdev = ReadNetdevTargets(context.kernel);
  auto disks = WritableMounts(context.kernel, graph.mounts);
  std::erase_if(disks, [&](const Mount& mount) {
    return !HasDisk(mount) || IsFuse(mount) || IsNetwork(mount, netdev) ||
           dead.Contains(mount.device) || IsSettled(context, mount);
  });
  return disks;
}

void Thaw(StageContext& context, const StorageGraph& graph, const std::vector<Mount>& disks,
          DeadDevices* dead) {
  const auto errors = EachMount(context, graph, disks, dead, [&](const Mount& mount) {
    return ThawMount(context.kernel, mount);
  });
  // EINVAL: it is not frozen.
  for (std::size_t i = 0; i < disks.size(); ++i)
    if (!errors[i]) context.report.Say(disks[i].target + " was frozen; it is thawed");
}

/// Whether the kernel made this file system read-only, after an error: a remount by a person also
/// shows in the options of the mount. Only types that are mounted for writing where nobody says
/// otherwise.
bool TurnedReadOnly(const Mount& mount) {
  static const std::set<std::string_view> kTypes{"ext2",  "ext3",  "ext4",   "btrfs",  "f2fs",
                                                 "vfat",  "exfat", "jfs",    "nilfs2", "reiserfs",
                                                 "ntfs3", "ubifs", "hfsplus"};
  return kTypes.contains(mount.type) && mount.SuperReadOnly() && !HasOption(mount.options, "ro");
}

void ReportTurnedReadOnly(StageContext& context, const StorageGraph& graph) {
  const std::vector<Mount>& mounts = graph.mounts;
  std::set<std::string> told;
  for (const Mount& mount : mounts)
    if (HasOption(mount.options, "ro")) told.insert(mount.device);
  for (const Mount& mount : mounts) {
    if (!TurnedReadOnly(mount) || IsSettled(context, mount)) continue;
    if (!told.insert(mount.device).second) continue;
    const std::string device = DeviceText(graph, mount);
    context.report.Say(device + " (" + mount.target +
                       "): the kernel made it read-only after an error; what was not "
                       "written by then is lost");
    RecordUnwritten(context, mount.target, "read-only", "read-only after an error", device);
  }
}

}  // namespace

std::vector<Mount> WritableMounts(Files& files, const std::vector<Mount>& mounts) {
  const auto netdev = ReadNetdevTargets(files);
  std::vector<Mount> chosen;
  std::set<std::string> devices;
  for (const auto& mount : mounts) {
    const bool stored = HasDisk(mount) || IsNetwork(mount, netdev) || IsFuse(mount);
    if (stored && !mount.SuperReadOnly() && devices.insert(mount.device).second)
      chosen.push_back(mount);
  }
  return chosen;
}

std::vector<std::error_code> EachMount(StageContext& context, const StorageGraph& graph,
                                       const std::vector<Mount>& mounts, DeadDevices* dead,
                                       const std::function<std::error_code(const Mount&)>& call) {
  DeviceProgress progress(context, graph, "syncing");
  DeviceLimits device_limits(context.kernel, graph);
  return EachInChild(
      context.kernel,
      {.count = mounts.size(),
       .limit = limits::kDisk,
       .limit_of = [&](std::size_t i) { return device_limits.Of(mounts[i].device); },
       .call = [&](std::size_t i) { return call(mounts[i]); },
       .resource = [&](std::size_t i) { return mounts[i].device; },
       .timed_out = [&](std::size_t i) { dead->Add(mounts[i]); },
       .made_progress = [&](std::size_t i) { return progress.Made(mounts[i].device); }});
}

std::vector<std::error_code> SyncEach(StageContext& context, const StorageGraph& graph,
                                      const std::vector<Mount>& mounts, DeadDevices* dead,
                                      const std::function<std::error_code(const Mount&)>& then) {
  auto errors = EachMount(context, graph, mounts, dead, [&](const Mount& mount) {
    const auto written = SyncMount(context.kernel, mount);
    const auto refused = then(mount);
    return written ? written : refused;
  });
  ReportWriteErrors(context, mounts, errors);
  return errors;
}

void SecureDisks(StageContext& context) {
  const StorageGraph graph = ReadStorage(context.kernel);
  DeadDevices dead(context);
  if (!context.request.container) {
    Thaw(context, graph, LocalDisks(context, graph, dead), &dead);
    ReportTurnedReadOnly(context, graph);
  }
  if (!context.request.sync) return;
  // What was written is known; nothing else is to be done.
  (void)SyncEach(context, graph, LocalDisks(context, graph, dead), &dead,
                 [](const Mount&) { return std::error_code(); });
}

}  // namespace curfew
