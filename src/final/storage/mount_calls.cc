// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/mount_calls.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "config/limits.h"
#include "console/escape.h"
#include "final/storage/fuse.h"
#include "final/storage/mount_place.h"
#include "final/storage/stack.h"
#include "final/storage/storage_graph.h"
#include "kernel/in_child.h"
#include "kernel/run_files.h"
#include "kernel/sysrq.h"

namespace curfew {

unsigned long MountFlags(const Mount& mount) {
  constexpr std::pair<const char*, unsigned long> kFlags[] = {
      {"nosuid", MS_NOSUID},
      {"nodev", MS_NODEV},
      {"noexec", MS_NOEXEC},
      {"noatime", MS_NOATIME},
      {"nodiratime", MS_NODIRATIME},
      {"relatime", MS_RELATIME},
      {"nosymfollow", 256 /* MS_NOSYMFOLLOW, Linux 5.10 */}};
  unsigned long flags = 0;
  for (const auto& [name, flag] : kFlags)
    if (HasOption(mount.options, name)) flags |= flag;
  return flags;
}

std::error_code Unmount(Kernel& kernel, const Mount& mount, int flags) {
  return AtMountPoint(kernel, mount, [&](const std::string& path) {
    return kernel.Umount(path, UMOUNT_NOFOLLOW | flags);
  });
}

std::error_code SyncMount(Kernel& kernel, const Mount& mount) {
  return InMount(kernel, mount, [&](const std::string& path) { return kernel.SyncFs(path); });
}

namespace {

std::error_code Remount(Kernel& kernel, const Mount& mount, unsigned long flags) {
  flags |= MS_REMOUNT | MS_RDONLY | MountFlags(mount);
  return InMount(kernel, mount,
                 [&](const std::string& path) { return kernel.Mount("", path, "", flags, ""); });
}

std::error_code IoctlMount(Kernel& kernel, const Mount& mount, unsigned long request,
                           void* argument = nullptr) {
  return InMount(kernel, mount, [&](const std::string& path) {
    const auto fd = kernel.Open(path, O_RDONLY);
    if (!fd) return fd.error;
    const auto error = kernel.Ioctl(fd.value, request, argument).error;
    kernel.Close(fd.value);
    return error;
  });
}

}  // namespace

std::error_code RemountReadOnly(Kernel& kernel, const Mount& mount) {
  return Remount(kernel, mount, 0);
}

std::error_code MakeReadOnly(Kernel& kernel, const Mount& mount) {
  if (auto refused = RemountReadOnly(kernel, mount)) return refused;
  const auto written = SyncMount(kernel, mount);
  return IsWriteError(written) ? written : std::error_code();
}

std::error_code SyncAndMakeReadOnly(Kernel& kernel, const Mount& mount) {
  const auto written = SyncMount(kernel, mount);
  const auto refused = MakeReadOnly(kernel, mount);
  return IsWriteError(written) ? written : refused;
}

std::error_code BindReadOnly(Kernel& kernel, const Mount& mount) {
  return Remount(kernel, mount, MS_BIND);
}

std::error_code FreezeMount(Kernel& kernel, const Mount& mount) {
  const auto error = IoctlMount(kernel, mount, FIFREEZE);
  return error == std::errc::device_or_resource_busy ? std::error_code() : error;
}

std::error_code ShutDownMount(Kernel& kernel, const Mount& mount) {
  // EXT4_IOC_SHUTDOWN, XFS_IOC_GOINGDOWN and F2FS_IOC_SHUTDOWN are one number, and 1 is
  // EXT4_GOING_FLAGS_LOGFLUSH, XFS_FSOP_GOING_FLAGS_LOGFLUSH and F2FS_GOING_DOWN_METASYNC. No
  // header has all three.
  constexpr unsigned long kShutDown = _IOR('X', 125, std::uint32_t);
  std::uint32_t with_log = 1;
  constexpr std::array kTypes{"ext2", "ext3", "ext4", "xfs", "f2fs"};
  if (std::find(kTypes.begin(), kTypes.end(), mount.type) == kTypes.end())
    return std::make_error_code(std::errc::operation_not_supported);
  return IoctlMount(kernel, mount, kShutDown, &with_log);
}

std::error_code ThawMount(Kernel& kernel, const Mount& mount) {
  return IoctlMount(kernel, mount, FITHAW);
}

bool ForceReadOnly(StageContext& context) {
  const SysrqFiles files = OpenSysrqFiles(context.kernel);
  Sysrq(context.kernel, files).RemountReadOnly([&] { Beat(context); });
  CloseSysrqFiles(context.kernel, files);
  return files.trigger >= 0;
}

void ForceOff(StageContext& context, const std::vector<Mount>& mounts) {
  Kernel& kernel = context.kernel;
  for (const auto& mount : mounts)
    if (IsFuse(mount)) (void)AbortFuse(kernel, mount);  // The forced unmount aborts it, too.
  const auto errors =
      EachInChild(kernel, mounts.size(), limits::kForcedUnmount, [&](std::size_t i) {
        const auto error = Unmount(kernel, mounts[i], MNT_FORCE | MNT_DETACH);
        // Only the host may force an unmount in a user namespace.
        if (error != std::errc::operation_not_permitted) return error;
        return Unmount(kernel, mounts[i], MNT_DETACH);
      });
  for (std::size_t i = 0; i < mounts.size(); ++i)
    // EINVAL: it is no mount any more.
    if (errors[i] && errors[i] != std::errc::invalid_argument)
      context.report.Say(mounts[i].target + " is not detached: " + errors[i].message());
}

bool IsWriteError(std::error_code error) {
  constexpr std::array kLost{EIO,     ENOSPC, EDQUOT, ENODATA, EREMOTEIO,
                             ENOLINK, EBADE,  EILSEQ, ENODEV};
  return std::find(kLost.begin(), kLost.end(), error.value()) != kLost.end();
}

void RecordUnwritten(StageContext& context, const std::string& target, const std::string& error,
                     const std::string& why, const std::string& device) {
  context.report.Event("unwritten", {{"target", target}, {"error", error}, {"device", device}});
  if (!context.request.in_shutdown) return;
  // Another stage may run at the same time. Without the file the line at the end does not know.
  const auto line =
      Escaped(target + " (" + (device.empty() ? "" : device + ": ") + why + ")") + "\n";
  if (context.kernel.Append(run_files::kUnwritten, line))
    (void)ReplaceFile(context.kernel, run_files::kUnwritten, line);
}

void ReportLoss(StageContext& context, const std::string& device, const std::string& target,
                std::error_code error) {
  const auto message = error.message(), why = "not everything could be written: " + message;
  const auto named =
      target.empty() || device.empty() ? device + target : device + " (" + target + ")";
  context.report.Say(named + ": " + why);
  if (target.empty())
    RecordUnwritten(context, device, message, why);
  else
    RecordUnwritten(context, target, message, why, device);
}

void ReportWriteErrors(StageContext& context, const std::vector<Mount>& mounts,
                       const std::vector<std::error_code>& errors) {
  if (std::none_of(errors.begin(), errors.end(), IsWriteError)) return;
  const StorageGraph graph = ReadStorage(context.kernel);
  for (std::size_t i = 0; i < mounts.size(); ++i)
    if (IsWriteError(errors[i]))
      ReportLoss(context, DeviceText(graph, mounts[i]), mounts[i].target, errors[i]);
}

void MakeMountsPrivate(StageContext& context) {
  if (!context.request.container) return;
  // Where the kernel refuses, mounts go here all the same.
  (void)InChild(context.kernel, limits::kForcedUnmount,
                [&] { return context.kernel.Mount("", "/", "", MS_REC | MS_PRIVATE, ""); });
}

}  // namespace curfew
