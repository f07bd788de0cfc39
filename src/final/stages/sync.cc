// SPDX-License-Identifier: GPL-2.0-or-later
#include <set>

#include "config/limits.h"
#include "final/stages/stages.h"
#include "final/storage/dead_devices.h"
#include "final/storage/device_progress.h"
#include "final/storage/fuse.h"
#include "final/storage/mount_calls.h"
#include "final/storage/mount_plan.h"
#include "kernel/in_child.h"

namespace curfew {
namespace {

/// One mount of each writable file system that keeps its data outside memory and is not dead.
std::vector<Mount> Writable(Files& files, const DeadDevices& dead) {
  const auto netdev = ReadNetdevTargets(files);
  std::vector<Mount> chosen;
  std::set<std::string> devices;
  for (const auto& mount : ReadMounts(files)) {
    const bool stored = HasDisk(mount) || IsNetwork(mount, netdev) || IsFuse(mount);
    if (stored && !mount.SuperReadOnly() && !dead.Contains(mount.device) &&
        devices.insert(mount.device).second)
      chosen.push_back(mount);
  }
  return chosen;
}

void SyncAll(StageContext& context, DeviceProgress* progress) {
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
       .made_progress = [&](std::size_t) { return progress->Made("all"); }});
}

}  // namespace

void SyncStage(StageContext& context) {
  if (!context.request.sync) return;
  DeadDevices dead(context);
  DeviceProgress progress(context);
  const auto mounts = Writable(context.kernel, dead);
  const auto errors = EachInChild(
      context.kernel,
      {.count = mounts.size(),
       .limit = limits::kDisk,
       .call = [&](std::size_t i) { return SyncMount(context.kernel, mounts[i]); },
       .resource = [&](std::size_t i) { return mounts[i].device; },
       .timed_out = [&](std::size_t i) { dead.Add(mounts[i]); },
       .made_progress = [&](std::size_t i) { return progress.Made(mounts[i].device); }});
  ReportWriteErrors(context, mounts, errors);
  if (dead.Empty()) SyncAll(context, &progress);
}

}  // namespace curfew
