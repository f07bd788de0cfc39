// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/mount.h>

#include <algorithm>

#include "config/limits.h"
#include "final/processes/end_processes.h"
#include "final/processes/holders.h"
#include "final/processes/skip_list.h"
#include "final/stages/stages.h"
#include "final/storage/dead_devices.h"
#include "final/storage/device_progress.h"
#include "final/storage/fuse.h"
#include "final/storage/mount_plan.h"
#include "final/storage/remount.h"
#include "kernel/in_child.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// "server:/export" and "//server/share" name the same server for every export and share.
std::string ServerOf(const Mount& mount) {
  const auto& source = mount.source;
  if (source.starts_with("//")) return source.substr(0, source.find('/', 2));
  auto colon = source.find(":/");
  return source.substr(0, colon);
}

/// One run over all that lives on the network.
class Unmounter {
 public:
  explicit Unmounter(StageContext& context)
      : context_(context),
        kernel_(context.kernel),
        netdev_(ReadNetdevTargets(kernel_)),
        dead_(context),
        progress_(context),
        left_(NetworkMounts(ReadMounts(kernel_), netdev_)) {}

  void Run() {
    SortOutDead();
    Flush();
    Pass(0, left_);
    Pass(MNT_FORCE, Select([&](const Mount& mount) { return OnNetwork(mount); }));
    MakeReadOnly(Select([&](const Mount& mount) { return HasDisk(mount) && !OnNetwork(mount); }));
    for (const auto& [target, error] : Pass(MNT_DETACH, left_))
      context_.report.Say(target + " is not unmounted: " + error.message());
    Detach(context_, given_up_);
  }

 private:
  using Errors = std::vector<std::pair<std::string, std::error_code>>;

  bool OnNetwork(const Mount& mount) const { return IsNetwork(mount, netdev_); }
  /// What does not answer together.
  std::string ServerOrDevice(const Mount& mount) const {
    return OnNetwork(mount) ? ServerOf(mount) : mount.device;
  }
  std::vector<Mount> Select(const std::function<bool(const Mount&)>& wanted) const {
    std::vector<Mount> chosen;
    std::copy_if(left_.begin(), left_.end(), std::back_inserter(chosen), wanted);
    return chosen;
  }

  /// What has been dead before is not waited for.
  void SortOutDead() {
    std::set<std::string> servers;
    for (const auto& mount : left_)
      if (dead_.Contains(mount.device)) servers.insert(ServerOrDevice(mount));
    for (const auto& server : servers) GiveUp(server);
  }

  /// All mounts of a server that has missed a limit leave the list.
  void GiveUp(const std::string& server) {
    std::erase_if(left_, [&](const Mount& mount) {
      if (ServerOrDevice(mount) != server) return false;
      dead_.Remember(mount.device, mount.target);
      given_up_.push_back(mount);
      return true;
    });
  }

  std::vector<std::error_code> Each(const std::vector<Mount>& mounts,
                                    const std::function<std::error_code(const Mount&)>& call) {
    return EachInChild(
        kernel_,
        {.count = mounts.size(),
         .limit = limits::kServer,
         .call = [&](std::size_t i) { return call(mounts[i]); },
         .resource = [&](std::size_t i) { return ServerOrDevice(mounts[i]); },
         .timed_out =
             [&](std::size_t i) {
               const auto server = ServerOrDevice(mounts[i]);
               context_.report.Say(server + " (" + mounts[i].target +
                                   ") does not answer; it is forced off");
               GiveUp(server);
             },
         .made_progress = [&](std::size_t i) { return progress_.Made(mounts[i].device); }});
  }

  void Flush() {
    std::set<std::string> devices;
    const auto mounts = Select([&](const Mount& mount) {
      return OnNetwork(mount) && devices.insert(mount.device).second;
    });
    Each(mounts, [&](const Mount& mount) { return kernel_.SyncFs(mount.target); });
  }

  /// Unmounts `mounts` with these flags. Those for which it failed stay in the list; their errors.
  Errors Pass(int flags, const std::vector<Mount> mounts) {
    const auto failures = Each(mounts, [&](const Mount& mount) {
      return kernel_.Umount(mount.target, UMOUNT_NOFOLLOW | flags);
    });
    Errors errors;
    for (std::size_t i = 0; i < mounts.size(); ++i) {
      // No mount any more, or one of the namespace above.
      const bool gone = !failures[i] || failures[i] == std::errc::invalid_argument ||
                        failures[i] == std::errc::no_such_file_or_directory;
      if (gone)
        std::erase_if(left_, [&](const Mount& mount) { return mount.id == mounts[i].id; });
      else if (failures[i] != std::errc::timed_out && failures[i] != std::errc::operation_canceled)
        errors.emplace_back(mounts[i].target, failures[i]);
    }
    return errors;
  }

  /// Local disks mounted below: what is detached shall be clean.
  void MakeReadOnly(const std::vector<Mount>& disks) {
    if (context_.request.container) return;
    Each(disks, [&](const Mount& mount) { return RemountReadOnly(kernel_, mount); });
  }

  StageContext& context_;
  Kernel& kernel_;
  std::set<std::string> netdev_;
  DeadDevices dead_;
  DeviceProgress progress_;
  std::vector<Mount> left_;      ///< Still mounted, of servers that answer; last mounted first.
  std::vector<Mount> given_up_;  ///< Of those that do not.
};

/// Whoever works on a network mount loses its files with it: it is told to end before, and may
/// save what it has while the server is there.
void EndHolders(StageContext& context) {
  const auto netdev = ReadNetdevTargets(context.kernel);
  std::vector<std::string> targets;
  for (const auto& mount : NetworkMounts(ReadMounts(context.kernel), netdev))
    if (IsNetwork(mount, netdev)) targets.push_back(mount.target);
  if (targets.empty()) return;
  SkipList skip_list(context);
  SkipNonHolders rule(context, skip_list, targets);
  const int ended = EndProcesses(context, rule);
  if (ended == 0) return;
  context.report.Say(std::to_string(ended) +
                     (ended == 1 ? " process that used" : " processes that used") +
                     " the network's file systems ended");
  context.report.Event("ended", {{"count", std::to_string(ended)}});
}

}  // namespace

void Detach(StageContext& context, const std::vector<Mount>& mounts) {
  Kernel& kernel = context.kernel;
  for (const auto& mount : mounts)
    if (IsFuse(mount)) AbortFuse(kernel, mount);
  EachInChild(kernel, mounts.size(), limits::kForcedUnmount, [&](std::size_t i) {
    const auto& target = mounts[i].target;
    const auto error = kernel.Umount(target, UMOUNT_NOFOLLOW | MNT_FORCE | MNT_DETACH);
    // In a user namespace force is the privilege of the host.
    if (error != std::errc::operation_not_permitted) return error;
    return kernel.Umount(target, UMOUNT_NOFOLLOW | MNT_DETACH);
  });
}

void UnmountNetwork(StageContext& context) {
  Unmounter(context).Run();
}

void EarlyUnmountNetworkStage(StageContext& context) {
  EndHolders(context);
  UnmountNetwork(context);
}

void UnmountNetworkStage(StageContext& context) {
  // Marks of Debian's bootclean: umountnfs.sh removes them, so that the next boot cleans again.
  InChild(context.kernel, limits::kCleanMarks, [&] {
    for (const char* mark : {"/tmp/.clean", "/run/.clean", "/run/lock/.clean"})
      context.kernel.Unlink(mark);
    return std::error_code();
  });
  EndHolders(context);
  UnmountNetwork(context);
}

}  // namespace curfew
