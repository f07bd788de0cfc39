// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/sync.h"

#include <set>

#include "final/each_in_child.h"
#include "final/mount_plan.h"
#include "final/network_mounts.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLimit{10000};

/// One mount of each writable file system that keeps its data elsewhere than in memory.
std::vector<Mount> Writable(Kernel& kernel) {
  const auto netdev = ReadNetdevTargets(kernel);
  std::vector<Mount> chosen;
  std::set<std::string> devices;
  for (const auto& mount : ReadMounts(kernel)) {
    const bool stored =
        HasDisk(mount) || IsNetwork(mount, netdev) || mount.type.starts_with("fuse.");
    if (stored && !mount.SuperReadOnly() && devices.insert(mount.device).second)
      chosen.push_back(mount);
  }
  return chosen;
}

}  // namespace

void SyncStage(StageContext& context) {
  if (!context.request.sync) return;
  Kernel& kernel = context.kernel;
  auto mounts = Writable(kernel);
  auto late = [&](const std::string& what) {
    context.report.Say(what + " is not written back within 10 s; it is left");
  };
  EachInChild(
      kernel, mounts.size(), kLimit,
      [&](std::size_t i) { return kernel.SyncFs(mounts[i].target).value(); },
      [&](std::size_t i) { late(mounts[i].source + " (" + mounts[i].target + ")"); });
  auto error = kernel.InChild(kLimit, [&] {
    kernel.Sync();
    return std::error_code();
  });
  if (error == std::errc::timed_out) late("a file system");
}

}  // namespace curfew
