// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/network_mounts.h"

#include <sys/mount.h>

#include "final/mount_plan.h"
#include "final/mounts.h"
#include "final/remount.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLimit{5000};

/// "server:/export" and "//server/share" name the same server for every export and share.
std::string ServerOf(const Mount& mount) {
  const auto& source = mount.source;
  if (source.starts_with("//")) return source.substr(0, source.find('/', 2));
  auto colon = source.find(":/");
  return source.substr(0, colon);
}

std::error_code UmountLimited(Kernel& kernel, const Mount& mount, int flags) {
  return kernel.InChild(kLimit,
                        [&] { return kernel.Umount(mount.target, UMOUNT_NOFOLLOW | flags); });
}

/// A server that misses its limit goes into `dead` and is named once.
void Flush(StageContext& context, const Mount& mount, std::set<std::string>* dead) {
  const auto server = ServerOf(mount);
  if (dead->contains(server)) return;
  auto error = context.kernel.InChild(kLimit, [&] { return context.kernel.SyncFs(mount.target); });
  if (error != std::errc::timed_out) return;
  dead->insert(server);
  context.report.Say(server + " (" + mount.target + ") does not answer");
  context.report.Event("dead", {{"device", server}, {"target", mount.target}});
}

void TakeOff(StageContext& context, const Mount& mount, bool network, std::set<std::string>* dead) {
  Kernel& kernel = context.kernel;
  std::error_code error;
  if (network) {
    Flush(context, mount, dead);
    error = UmountLimited(kernel, mount, MNT_FORCE);
    // In a user namespace force is the privilege of the host.
    if (error == std::errc::operation_not_permitted) error = UmountLimited(kernel, mount, 0);
  } else {
    error = UmountLimited(kernel, mount, 0);
    // A local disk mounted below: what is detached with it shall be clean.
    if (error && error != std::errc::invalid_argument && !context.request.container)
      kernel.InChild(kLimit, [&] { return RemountReadOnly(kernel, mount); });
  }
  // EINVAL: no mount any more, or one of the namespace above.
  if (!error || error == std::errc::invalid_argument) return;
  error = UmountLimited(kernel, mount, MNT_DETACH);
  if (error && error != std::errc::invalid_argument)
    context.report.Say(mount.target + " is not unmounted: " + error.message());
}

}  // namespace

std::set<std::string> ReadNetdevTargets(Kernel& kernel) {
  return NetdevTargets(kernel.Read("/run/mount/utab").value);
}

void UnmountNetwork(StageContext& context) {
  auto netdev = ReadNetdevTargets(context.kernel);
  std::set<std::string> dead;
  for (const auto& mount : NetworkMounts(ReadMounts(context.kernel), netdev))
    TakeOff(context, mount, IsNetwork(mount, netdev), &dead);
}

void UnmountNetworkStage(StageContext& context) {
  // Marks of Debian's bootclean: umountnfs.sh removes them, so that the next boot cleans again.
  context.kernel.InChild(kLimit, [&] {
    for (const char* mark : {"/tmp/.clean", "/run/.clean", "/run/lock/.clean"})
      context.kernel.Unlink(mark);
    return std::error_code();
  });
  UnmountNetwork(context);
}

}  // namespace curfew
