// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>

#include "final/storage/storage_graph.h"
#include "kernel/kernel.h"
#include "kernel/process_info.h"

namespace curfew {

/// Which FUSE file systems count as in use by others.
enum class FuseUse {
  kMounted,  ///< Every one that is mounted.
  kCarries   ///< One that carries another file system or a device, such as a loop device's file.
};

/// The device files through which processes serve what is in use: /dev/fuse; /dev/nbdN and
/// /dev/ublkcN if the disk, or what lies on it, is mounted or in use by the kernel; the /dev/uioN
/// of tcmu (target_core_user), of which nothing tells the disk.
std::set<std::string> ServedDevices(Files& files, const StorageGraph& graph, FuseUse fuse);

/// The processes that have such a device open, and their children: a file system whose server ends
/// loses what was not yet written.
class StorageServers {
 public:
  explicit StorageServers(Kernel& kernel) : kernel_(kernel) {}

  /// Looks anew, at mounts and processes. Costs nothing but the look at the mounts where no process
  /// serves any.
  void Refresh(FuseUse fuse);
  bool Empty() const { return servers_.empty(); }
  /// Also true for a child that a server has made since.
  bool Contain(const ProcessInfo& process) const {
    return servers_.contains(process.pid) || servers_.contains(process.parent);
  }

 private:
  bool HasOpen(pid_t pid, const std::set<std::string>& devices);
  void AddChildren(const std::vector<ProcessInfo>& processes);

  Kernel& kernel_;
  std::set<pid_t> servers_;
};

}  // namespace curfew
