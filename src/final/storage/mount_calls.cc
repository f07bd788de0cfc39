// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/mount_calls.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/mount.h>

#include <cerrno>
#include <utility>

#include "config/limits.h"
#include "console/escape.h"
#include "final/storage/fuse.h"
#include "final/storage/mount_place.h"
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

std::error_code IoctlMount(Kernel& kernel, const Mount& mount, unsigned long request) {
  return InMount(kernel, mount, [&](const std::string& path) {
    const auto fd = kernel.Open(path, O_RDONLY);
    if (!fd) return fd.error;
    const auto error = kernel.Ioctl(fd.value, request, nullptr).error;
    kernel.Close(fd.value);
    return error;
  });
}

}  // namespace

std::error_code RemountReadOnly(Kernel& kernel, const Mount& mount) {
  return Remount(kernel, mount, 0);
}

std::error_code BindReadOnly(Kernel& kernel, const Mount& mount) {
  return Remount(kernel, mount, MS_BIND);
}

std::error_code FreezeMount(Kernel& kernel, const Mount& mount) {
  const auto error = IoctlMount(kernel, mount, FIFREEZE);
  return error == std::errc::device_or_resource_busy ? std::error_code() : error;
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
  return error == std::errc::io_error || error == std::errc::no_space_on_device ||
         error.value() == EDQUOT;
}

void RecordUnwritten(StageContext& context, const std::string& target, const std::string& error,
                     const std::string& why) {
  context.report.Event("unwritten", {{"target", target}, {"error", error}});
  if (!context.request.in_shutdown) return;
  // Another stage may run at the same time. Without the file the line at the end does not know.
  const auto line = Escaped(target + " (" + why + ")") + "\n";
  if (context.kernel.Append(run_files::kUnwritten, line))
    (void)ReplaceFile(context.kernel, run_files::kUnwritten, line);
}

void ReportWriteErrors(StageContext& context, const std::vector<Mount>& mounts,
                       const std::vector<std::error_code>& errors) {
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    if (!IsWriteError(errors[i])) continue;
    const auto error = errors[i].message(), why = "not everything could be written: " + error;
    context.report.Say(mounts[i].target + ": " + why);
    RecordUnwritten(context, mounts[i].target, error, why);
  }
}

void MakeMountsPrivate(StageContext& context) {
  if (!context.request.container) return;
  // Where the kernel refuses, mounts go here all the same.
  (void)InChild(context.kernel, limits::kForcedUnmount,
                [&] { return context.kernel.Mount("", "/", "", MS_REC | MS_PRIVATE, ""); });
}

}  // namespace curfew
