// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/quota.h>

#include <set>

#include "config/limits.h"
#include "final/stages/stages.h"
#include "final/storage/dead_devices.h"
#include "kernel/in_child.h"

namespace curfew {
namespace {

/// Whether the mount options, as the kernel shows them, turn this type of quota on.
bool HasQuota(const Mount& mount, int type) {
  std::string options = "," + mount.super_options + ",";
  auto has = [&](const char* word) { return options.find(word) != std::string::npos; };
  if (type == USRQUOTA) return has(",usrquota,") || has(",usrjquota=") || has(",quota,");
  if (type == GRPQUOTA) return has(",grpquota,") || has(",grpjquota=");
  return has(",prjquota,") || has(",prjjquota=");
}

}  // namespace

void QuotaStage(StageContext& context) {
  Kernel& kernel = context.kernel;
  DeadDevices dead(context);
  std::set<std::string> seen;
  for (const Mount& mount : ReadMounts(kernel)) {
    // XFS keeps quotas in its journal and has no quota file to close.
    if (mount.type == "xfs" || !mount.source.starts_with("/dev/")) continue;
    if (!seen.insert(mount.device).second) continue;
    for (int type : {USRQUOTA, GRPQUOTA, PRJQUOTA}) {
      if (!HasQuota(mount, type) || dead.Contains(mount.device)) continue;
      auto error =
          InChild(kernel, limits::kQuota, [&] { return kernel.QuotaOff(mount.source, type); });
      if (error == std::errc::timed_out) dead.Add(mount);
      // ESRCH: mounted with the option, but quotas were never turned on.
      else if (error && error != std::errc::no_such_process)
        context.report.Say(mount.target + ": quota stays on: " + error.message());
    }
  }
}

}  // namespace curfew
