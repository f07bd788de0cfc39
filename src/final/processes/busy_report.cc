// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/busy_report.h"

#include <string>

#include "final/processes/mount_holders.h"
#include "final/storage/mount_plan.h"

namespace curfew {
namespace {

std::string WhyLeft(const StorageGraph& graph, const BusyMount& busy, const std::string& holders) {
  const auto by = holders.empty() ? holders : " by " + holders;
  if (const Mount* cover = CoverOf(busy.mount, graph.mounts))
    return "the mount " + cover->target + " covers it" + (by.empty() ? by : ", and in use" + by);
  const bool in_use = !busy.refused || busy.refused == std::errc::device_or_resource_busy;
  return (in_use ? "in use" : busy.refused.message()) + by;
}

}  // namespace

void ReportBusy(StageContext& context, const StorageGraph& graph, std::vector<BusyMount> left) {
  std::erase_if(left, [](const BusyMount& busy) {
    return IsWithin(busy.mount.target, "/run") && busy.mount.SuperReadOnly();
  });
  std::vector<Mount> mounts;
  for (const BusyMount& busy : left) mounts.push_back(busy.mount);
  const MountHolders holders(context, graph, mounts, MountHolders::Use::kAny);
  for (const BusyMount& busy : left) {
    const Mount& mount = busy.mount;
    const auto names = holders.Of(mount);
    context.report.Say(mount.target + " is not unmounted: " + WhyLeft(graph, busy, names) +
                       (mount.SuperReadOnly() ? "; it is read-only" : ""));
    context.report.Event("busy",
                         {{"target", mount.target}, {"source", mount.source}, {"holders", names}});
  }
}

}  // namespace curfew
