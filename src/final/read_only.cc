// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/read_only.h"

#include <algorithm>

#include "final/init_libraries.h"
#include "final/mount_plan.h"
#include "final/network_mounts.h"
#include "final/remount.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLimit{10000};

/// The mount that the path reaches: the last one there. Null: none.
const Mount* Top(const std::vector<Mount>& mounts, const std::string& target) {
  auto found = std::find_if(mounts.rbegin(), mounts.rend(),
                            [&](const Mount& mount) { return mount.target == target; });
  return found == mounts.rend() ? nullptr : &*found;
}

std::error_code MakeReadOnly(StageContext& context, const Mount& mount) {
  Kernel& kernel = context.kernel;
  auto error = kernel.InChild(kLimit, [&] { return RemountReadOnly(kernel, mount); });
  if (error == std::errc::operation_not_permitted && context.request.container)
    error = kernel.InChild(kLimit, [&] { return BindReadOnly(kernel, mount); });
  return error;
}

/// What the kernel says afterwards counts, not what the call returned.
void Verify(StageContext& context, const std::string& target, std::error_code error) {
  auto mounts = ReadMounts(context.kernel);
  const Mount* mount = Top(mounts, target);
  const bool done = mount && mount->ReadOnly();
  std::string reason = error ? error.message() : "the kernel still shows it writable";
  if (!mount) reason = "it is not in /proc/self/mountinfo";
  context.report.Say(target + (done ? " is read-only" : " is NOT read-only: " + reason));
  context.report.Event("read-only", {{"target", target}, {"done", done ? "1" : "0"}});
}

/// /usr, then what no stage may unmount (a disk below /run, say), and / last: it carries the rest.
std::vector<Mount> StillWritable(StageContext& context, const std::vector<Mount>& mounts) {
  std::vector<Mount> chosen;
  if (!context.request.container)
    chosen = WritableDisks(mounts, mounts, ReadNetdevTargets(context.kernel));
  std::erase_if(chosen,
                [](const Mount& mount) { return mount.target == "/" || mount.target == "/usr"; });
  for (const char* target : {"/usr", "/"})
    if (const Mount* mount = Top(mounts, target); mount && !mount->ReadOnly())
      chosen.push_back(*mount);
  return chosen;
}

}  // namespace

void ReadOnlyStage(StageContext& context) {
  RenewInit(context);
  for (const auto& mount : StillWritable(context, ReadMounts(context.kernel)))
    Verify(context, mount.target, MakeReadOnly(context, mount));
}

}  // namespace curfew
