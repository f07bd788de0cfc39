// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/mount.h>

#include <algorithm>

#include "config/limits.h"
#include "final/processes/end_processes.h"
#include "final/processes/holders.h"
#include "final/processes/skip_list.h"
#include "final/stages/stages.h"
#include "final/storage/dead_devices.h"
#include "final/storage/device_limits.h"
#include "final/storage/device_progress.h"
#include "final/storage/fuse.h"
#include "final/storage/mount_calls.h"
#include "final/storage/mount_plan.h"
#include "final/storage/settled_mounts.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

/// The part of the source that all exports or shares of one server have in common: "server" of
/// "server:/export", "//server" of "//server/share".
std::string ServerOf(const Mount& mount) {
  const auto& source = mount.source;
  if (source.starts_with("//")) return source.substr(0, source.find('/', 2));
  auto colon = source.find(":/");
  return source.substr(0, colon);
}

/// Whether a user chose the source: fusermount writes there what it is told.
bool IsUsersFuse(const Mount& mount) {
  const auto options = Split(mount.super_options, ',');
  return IsFuse(mount) && std::any_of(options.begin(), options.end(), [](std::string_view option) {
           return option.starts_with("user_id=") && option != "user_id=0";
         });
}

/// The protocol of a type: an nfs4 and an nfs mount may have one server.
std::string Protocol(const Mount& mount) {
  if (mount.type.starts_with("nfs")) return "nfs";
  return mount.type == "smb3" || mount.type == "smbfs" ? "cifs" : mount.type;
}

/// Unmounts the file systems that other machines serve. See UnmountNetwork().
class NetworkUnmounter {
 public:
  NetworkUnmounter(StageContext& context, AlsoUnmount also)
      : context_(context),
        kernel_(context.kernel),
        netdev_(ReadNetdevTargets(kernel_)),
        dead_(context),
        graph_(ReadStorage(kernel_)),
        progress_(context, graph_, "unmounting"),
        limits_(kernel_, graph_),
        left_(NetworkMounts(graph_.mounts, netdev_, also)) {
    std::erase_if(left_, [&](const Mount& mount) { return IsSettled(context, mount); });
  }

  void Run() {
    GiveUpDead();
    Flush();
    Pass(0, left_);
    Pass(MNT_FORCE, Select([&](const Mount& mount) { return OnNetwork(mount); }));
    KeepWritable(Select([](const Mount& mount) { return HasDisk(mount); }));
    for (const auto& [target, error] : Pass(MNT_DETACH, left_))
      context_.report.Say(target + " is not unmounted: " + error.message());
    ForceOff(context_, given_up_);
  }

 private:
  using Errors = std::vector<std::pair<std::string, std::error_code>>;

  bool OnNetwork(const Mount& mount) const { return IsNetwork(mount, netdev_); }
  /// The resource that a mount waits for: its server, or its device where none is known.
  std::string ServerOrDevice(const Mount& mount) const {
    if (!OnNetwork(mount) || HasDisk(mount) || IsUsersFuse(mount)) return mount.device;
    return Protocol(mount) + " " + ServerOf(mount);
  }
  std::vector<Mount> Select(const std::function<bool(const Mount&)>& wanted) const {
    std::vector<Mount> chosen;
    std::copy_if(left_.begin(), left_.end(), std::back_inserter(chosen), wanted);
    return chosen;
  }

  /// Gives up the servers that an earlier stage found dead.
  void GiveUpDead() {
    std::set<std::string> servers;
    for (const auto& mount : left_)
      if (dead_.Contains(mount.device)) servers.insert(ServerOrDevice(mount));
    for (const auto& server : servers) GiveUp(server);
  }

  /// Moves all mounts of a dead server from `left_` to `given_up_`.
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
         .limit_of =
             [&](std::size_t i) {
               return HasDisk(mounts[i]) ? limits_.Of(mounts[i].device) : limits::kServer;
             },
         .call = [&](std::size_t i) { return call(mounts[i]); },
         .resource = [&](std::size_t i) { return ServerOrDevice(mounts[i]); },
         .timed_out =
             [&](std::size_t i) {
               const auto server = ServerOrDevice(mounts[i]);
               const auto name = IsUsersFuse(mounts[i]) ? mounts[i].type : ServerOf(mounts[i]);
               context_.report.Say(name + " (" + mounts[i].target +
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
    const auto errors = Each(mounts, [&](const Mount& m) { return SyncMount(kernel_, m); });
    ReportWriteErrors(context_, mounts, errors);
  }

  /// Unmounts `mounts` with these flags. Those that fail stay in `left_`; returns their errors.
  Errors Pass(int flags, const std::vector<Mount> mounts) {
    const auto failures =
        Each(mounts, [&](const Mount& mount) { return Unmount(kernel_, mount, flags); });
    Errors errors;
    for (std::size_t i = 0; i < mounts.size(); ++i) {
      // EINVAL and ENOENT: no mount any more, or a mount of the namespace above.
      const bool gone = !failures[i] || failures[i] == std::errc::invalid_argument ||
                        failures[i] == std::errc::no_such_file_or_directory;
      if (gone)
        std::erase_if(left_, [&](const Mount& mount) { return mount.id == mounts[i].id; });
      else if (failures[i] != std::errc::timed_out && failures[i] != std::errc::operation_canceled)
        errors.emplace_back(mounts[i].target, failures[i]);
    }
    return errors;
  }

  /// Makes busy disks read-only before the lazy unmount, so that they are clean. One that refuses,
  /// under a swap file for example, stays mounted: the later stages can still do so.
  void KeepWritable(const std::vector<Mount>& disks) {
    if (context_.request.container) return;
    const auto errors =
        Each(disks, [&](const Mount& disk) { return SyncAndMakeReadOnly(kernel_, disk); });
    ReportWriteErrors(context_, disks, errors);
    for (std::size_t i = 0; i < disks.size(); ++i) {
      if (errors[i] != std::errc::device_or_resource_busy) continue;
      context_.report.Say(disks[i].target + " is not unmounted yet: in use");
      std::erase_if(left_, [&](const Mount& mount) { return mount.device == disks[i].device; });
    }
  }

  StageContext& context_;
  Kernel& kernel_;
  std::set<std::string> netdev_;
  DeadDevices dead_;
  const StorageGraph graph_;
  DeviceProgress progress_;
  DeviceLimits limits_;
  std::vector<Mount> left_;      ///< Mounts of servers that answer, last mounted first.
  std::vector<Mount> given_up_;  ///< Mounts of dead servers.
};

/// Ends the processes that hold network mounts while the server is still there: they can save their
/// work.
void EndHolders(StageContext& context) {
  const auto netdev = ReadNetdevTargets(context.kernel);
  std::vector<Mount> held;
  for (const auto& mount : NetworkMounts(ReadMounts(context.kernel), netdev, AlsoUnmount::kNothing))
    if (IsNetwork(mount, netdev)) held.push_back(mount);
  if (held.empty()) return;
  SkipList skip_list(context, FuseUse::kCarries);
  SkipNonHolders rule(context, skip_list, held);
  const ProcessNames ended = EndProcesses(context, rule).ended;
  const int count = ended.Count();
  if (count == 0) return;
  context.report.Say(std::to_string(count) +
                     (count == 1 ? " process that used" : " processes that used") +
                     " the network's file systems ended");
  context.report.Event("ended", {{"count", std::to_string(count)}, {"names", ended.Text(), true}});
}

void UnmountWith(StageContext& context, AlsoUnmount also) {
  MakeMountsPrivate(context);
  NetworkUnmounter(context, also).Run();
}

}  // namespace

void UnmountNetwork(StageContext& context) {
  UnmountWith(context, AlsoUnmount::kKernelInterfaces);
}

void EarlyUnmountNetworkStage(StageContext& context) {
  EndHolders(context);
  UnmountWith(context, AlsoUnmount::kNothing);
}

void UnmountNetworkStage(StageContext& context) {
  // Debian's umountnfs.sh removes these marks, so that bootclean cleans again at the next boot.
  // A mark that stays, as on a disk that is known dead, costs one cleaning.
  const StorageGraph graph = ReadStorage(context.kernel);
  const DeadDevices dead(context);
  (void)InChild(context.kernel, limits::kCleanMarks, [&] {
    for (const char* mark : {"/tmp/.clean", "/run/.clean", "/run/lock/.clean"})
      if (!dead.Carry(graph, mark)) (void)context.kernel.Unlink(mark);
    return std::error_code();
  });
  EndHolders(context);
  UnmountNetwork(context);
}

}  // namespace curfew
