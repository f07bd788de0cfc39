// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>

#include "final/storage/storage_graph.h"
#include "kernel/kernel.h"
#include "kernel/process_info.h"

namespace curfew {

/// Which FUSE file systems and iSCSI disks count as in use by others.
enum class FuseUse {
  kMounted,  ///< Every one that is mounted; every iSCSI session.
  kCarries   ///< One that carries another file system or a device, such as a loop device's file; a
             ///< session with a disk that is mounted or in use by the kernel.
};

/// Whether an iSCSI session is in use.
bool IscsiInUse(Files& files, const StorageGraph& graph, FuseUse use);

/// What processes have open by which they serve what is in use, as their links in /proc show it:
/// the netlink sockets of iscsid, "socket:[INODE]"; /dev/fuse; /dev/nbdN and /dev/ublkcN if the
/// disk, or what lies on it, is mounted or in use by the kernel; the /dev/uioN of tcmu
/// (target_core_user), of which nothing tells the disk.
std::set<std::string> ServedDevices(Files& files, const StorageGraph& graph, FuseUse fuse);

/// The processes that have one of these open, and their children: a file system whose server ends
/// loses what was not yet written.
class StorageServers {
 public:
  explicit StorageServers(Kernel& kernel) : kernel_(kernel) {}

  /// Looks anew, at mounts and processes. Costs nothing but the look at the mounts where no process
  /// serves any.
  void Refresh(FuseUse fuse);
  bool Empty() const { return servers_.empty(); }
  bool IscsiInUse() const { return iscsi_in_use_; }
  /// Also true for a child that a server has made since.
  bool Contain(const ProcessInfo& process) const {
    return servers_.contains(process.pid) || servers_.contains(process.parent);
  }

 private:
  bool HasOpen(pid_t pid, const std::set<std::string>& devices);
  void AddChildren(const std::vector<ProcessInfo>& processes);

  Kernel& kernel_;
  std::set<pid_t> servers_;
  bool iscsi_in_use_ = false;
};

}  // namespace curfew
