// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/busy_report.h"

#include <string>

#include "final/processes/mount_holders.h"
#include "final/storage/mount_plan.h"

namespace curfew {
namespace {

/// "busy: /srv: mariadbd[812] (/srv/db/ibdata1), swap /srv/swap"
std::string Line(const StorageGraph& graph, const BusyMount& busy, const std::string& holders) {
  const auto& target = busy.mount.target;
  const auto by = holders.empty() ? holders : ", " + holders;
  if (const Mount* cover = CoverOf(busy.mount, graph.mounts))
    return "busy: " + target + ": the mount " + cover->target + " covers it" + by;
  if (busy.refused && busy.refused != std::errc::device_or_resource_busy)
    return target + " is not unmounted: " + busy.refused.message() + by;
  return "busy: " + target + ": " + (holders.empty() ? "no holder is found" : holders);
}

}  // namespace

void ReportBusy(StageContext& context, const StorageGraph& graph, std::vector<BusyMount> left) {
  std::erase_if(left, [](const BusyMount& busy) {
    return IsWithin(busy.mount.target, "/run") && busy.mount.SuperReadOnly();
  });
  std::vector<Mount> mounts;
  for (const BusyMount& busy : left) mounts.push_back(busy.mount);
  const MountHolders holders(context, graph, mounts, HolderUse::kAny);
  for (const BusyMount& busy : left) {
    const Mount& mount = busy.mount;
    if (!context.request.last && holders.OnlyDevices(mount)) continue;
    const auto names = holders.Of(mount);
    context.report.Say(Line(graph, busy, names) +
                       (mount.SuperReadOnly() ? "; it is read-only" : ""));
    context.report.Event("busy",
                         {{"target", mount.target}, {"source", mount.source}, {"holders", names}});
  }
}

}  // namespace curfew
