// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <linux/fs.h>

#include <algorithm>

#include "config/limits.h"
#include "final/stages/init_libraries.h"
#include "final/stages/stages.h"
#include "final/storage/dead_devices.h"
#include "final/storage/device_progress.h"
#include "final/storage/mount_plan.h"
#include "final/storage/remount.h"
#include "kernel/in_child.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// The mount that the path reaches: the last one there. Null: none.
const Mount* Top(const std::vector<Mount>& mounts, const std::string& target) {
  auto found = std::find_if(mounts.rbegin(), mounts.rend(),
                            [&](const Mount& mount) { return mount.target == target; });
  return found == mounts.rend() ? nullptr : &*found;
}

/// Each of `mounts`, on different devices, beside each other; their errors.
std::vector<std::error_code> MakeReadOnly(StageContext& context, const std::vector<Mount>& mounts,
                                          DeadDevices* dead) {
  Kernel& kernel = context.kernel;
  DeviceProgress progress(context);
  return EachInChild(
      kernel, {.count = mounts.size(),
               .limit = limits::kDisk,
               .call =
                   [&](std::size_t i) {
                     auto error = RemountReadOnly(kernel, mounts[i]);
                     if (error == std::errc::operation_not_permitted && context.request.container)
                       error = BindReadOnly(kernel, mounts[i]);
                     return error;
                   },
               .resource = [&](std::size_t i) { return mounts[i].device; },
               .timed_out = [&](std::size_t i) { dead->Add(mounts[i]); },
               .made_progress = [&](std::size_t i) { return progress.Made(mounts[i].device); }});
}

/// For what is busy (a swap file that stays on): its journal is closed as for a snapshot, and
/// whoever would write has to wait. Never the root, which we live on.
bool Freeze(StageContext& context, const Mount& mount) {
  if (context.request.container || mount.target == "/" || mount.target == "/usr") return false;
  Kernel& kernel = context.kernel;
  DeviceProgress progress(context);
  const auto freeze = [&](std::size_t) {
    auto fd = kernel.Open(mount.target, O_RDONLY);
    return fd ? kernel.Ioctl(fd.value, FIFREEZE, nullptr).error : fd.error;
  };
  return !EachInChild(kernel,
                      {.count = 1,
                       .limit = limits::kDisk,
                       .call = freeze,
                       .made_progress = [&](std::size_t) { return progress.Made(mount.device); }})
              .at(0);
}

/// What the kernel says afterwards counts, not what the call returned.
void Verify(StageContext& context, const std::string& target, std::error_code error) {
  auto mounts = ReadMounts(context.kernel);
  const Mount* mount = Top(mounts, target);
  const bool done = mount && mount->ReadOnly();
  std::string reason = error ? error.message() : "the kernel still shows it writable";
  if (!mount) reason = "it is not in /proc/self/mountinfo";
  const bool busy = mount && error == std::errc::device_or_resource_busy;
  if (!done && busy && Freeze(context, *mount)) reason += "; it is frozen";
  context.report.Say(target + (done ? " is read-only" : " is NOT read-only: " + reason));
  context.report.Event("read-only", {{"target", target}, {"done", done ? "1" : "0"}});
}

/// What no stage may unmount (a disk below /run, say), and /usr.
std::vector<Mount> StillWritable(StageContext& context, const std::vector<Mount>& mounts) {
  std::vector<Mount> chosen;
  if (!context.request.container)
    chosen = WritableDisks(mounts, mounts, ReadNetdevTargets(context.kernel));
  std::erase_if(chosen,
                [](const Mount& mount) { return mount.target == "/" || mount.target == "/usr"; });
  if (const Mount* mount = Top(mounts, "/usr"); mount && !mount->ReadOnly())
    chosen.push_back(*mount);
  return chosen;
}

void MakeReadOnlyAndVerify(StageContext& context, std::vector<Mount> mounts, DeadDevices* dead) {
  const auto gone = std::partition(mounts.begin(), mounts.end(), [&](const Mount& mount) {
    return !dead->Contains(mount.device);
  });
  for (auto mount = gone; mount != mounts.end(); ++mount)
    context.report.Say(mount->target + " is NOT read-only: its device does not answer");
  mounts.erase(gone, mounts.end());
  const auto errors = MakeReadOnly(context, mounts, dead);
  for (std::size_t i = 0; i < mounts.size(); ++i) Verify(context, mounts[i].target, errors[i]);
}

}  // namespace

void ReadOnlyStage(StageContext& context) {
  RenewInit(context);
  DeadDevices dead(context);
  const auto mounts = ReadMounts(context.kernel);
  MakeReadOnlyAndVerify(context, StillWritable(context, mounts), &dead);
  // Last: it carries the rest.
  if (const Mount* root = Top(mounts, "/"); root && !root->ReadOnly())
    MakeReadOnlyAndVerify(context, {*root}, &dead);
}

}  // namespace curfew
