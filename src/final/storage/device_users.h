// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "final/storage/kernel_opens.h"
#include "final/storage/storage_graph.h"

namespace curfew {

/// A user that the kernel is for a file system, with what stands on it in turn.
struct KernelUser {
  std::string text{};         ///< "swap /srv/swap", "loop3 -> dm-0 \"vault\" -> /mnt"
  bool only_devices = false;  ///< No mount, swap area or server at its end: a teardown frees it.
};

/// What keeps file systems and devices in use inside the kernel: swap areas, devices, overlays, and
/// what `opens` names (ReadKernelOpens()).
class DeviceUsers {
 public:
  DeviceUsers(const StorageGraph& graph, const std::vector<KernelOpen>& opens);

  /// Each chain that begins at `number`. A device that two chains reach is followed in one of them.
  std::vector<KernelUser> Of(const std::string& number) const;

 private:
  struct User {
    std::string name{};
    std::string number{};  ///< Of a device, whose users come next; empty: the end of a chain.
    enum { kDevice, kPartition, kMount, kOther } kind = kOther;
  };

  void AddDevices(const StorageGraph& graph);
  void AddMounts(const StorageGraph& graph);
  void AddOpens(const StorageGraph& graph, const std::vector<KernelOpen>& opens);
  void Walk(const std::string& number, const std::string& before, std::set<std::string>* passed,
            std::vector<KernelUser>* found) const;

  std::map<std::string, std::vector<User>> users_;  ///< By the number of what they use.
};

}  // namespace curfew
