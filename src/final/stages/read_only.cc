// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "config/limits.h"
#include "final/stages/stages.h"
#include "final/storage/dead_devices.h"
#include "final/storage/device_progress.h"
#include "final/storage/mount_calls.h"
#include "final/storage/mount_plan.h"
#include "kernel/in_child.h"
#include "kernel/process_info.h"
#include "text/text.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// Time between two looks at the libraries of PID 1.
constexpr milliseconds kLibraryPoll{10};

/// A request as sysvinit's <initreq.h> has it: 384 bytes on /run/initctl.
struct InitRequest {
  std::int32_t magic = 0x03091969;
  std::int32_t command = 1;  ///< INIT_CMD_RUNLVL
  std::int32_t runlevel = 'U';
  std::int32_t sleep_time = 3;  ///< Seconds; init's own default.
  char data[368] = {};
};
static_assert(sizeof(InitRequest) == 384);

/// Whether the text of /proc/PID/maps names a deleted file, which keeps its file system writable.
/// Memory that only looks like a file (memfd, SysV shared memory, /dev/zero) does not.
bool MapsDeletedFile(std::string_view maps) {
  constexpr std::array<std::string_view, 4> kNoFiles{"/memfd:", "/SYSV", "/dev/", "/[aio]"};
  for (const std::string_view line : Lines(maps)) {
    auto slash = line.find('/');
    if (slash == std::string_view::npos || !line.ends_with(" (deleted)")) continue;
    bool file = true;
    for (auto prefix : kNoFiles) file = file && !line.substr(slash).starts_with(prefix);
    if (file) return true;
  }
  return false;
}

/// Whether PID 1 maps a deleted file. A child reads /proc/1/maps, which waits for PID 1's memory
/// lock.
Result<bool> InitMapsDeleted(Kernel& kernel) {
  return InChild(kernel, limits::kInitReexec, [&] {
    const auto maps = kernel.Read("/proc/1/maps");
    return maps ? Result<bool>(MapsDeletedFile(maps.value)) : maps.error;
  });
}

/// An upgraded libc leaves PID 1 with deleted files. Asks sysvinit to execute itself anew (`telinit
/// u`) and waits up to 1 s until PID 1 maps none.
void RenewInit(StageContext& context) {
  Kernel& kernel = context.kernel;
  auto stale = InitMapsDeleted(kernel);
  if (!stale && !IsGone(stale.error))
    context.report.Say("init's libraries cannot be checked: " + stale.error.message());
  if (!stale.value) return;
  InitRequest request;
  std::string bytes(sizeof request, '\0');
  std::memcpy(bytes.data(), &request, sizeof request);
  if (InChild(kernel, limits::kInitReexec, [&] { return kernel.Write("/run/initctl", bytes); }))
    return;
  // --fast has stopped PID 1. An init that does not read the FIFO stays stopped.
  kernel.Kill(1, SIGCONT);
  const auto end = kernel.Now() + limits::kInitReexec;
  while (!stale || stale.value) {
    if (kernel.Now() >= end) {
      context.report.Say("init still uses deleted files; / may stay writable");
      return;
    }
    kernel.Poll({}, kLibraryPoll);
    stale = InitMapsDeleted(kernel);
  }
}

/// The mount that the path reaches, which is the last one there. Null: none.
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

/// Freezes a file system that is busy, for example by a swap file that stays on: the kernel closes
/// its journal as for a snapshot, and later writes wait. Never / or /usr: this process needs them.
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

/// Reports whether the mount is read-only, by what the kernel shows now, not by what the call
/// returned.
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

/// Writable disks that no stage may unmount, for example below /run, and /usr.
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
  // / is the last, because it holds the other mount points.
  if (const Mount* root = Top(mounts, "/"); root && !root->ReadOnly())
    MakeReadOnlyAndVerify(context, {*root}, &dead);
}

}  // namespace curfew
