// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/device_users.h"

#include <algorithm>
#include <string_view>

namespace curfew {
namespace {

/// A partition is in use only if something stands on it.
bool IsPartition(const BlockDevice& device) {
  return device.below.size() == 1 && device.name.starts_with(device.below[0]);
}

}  // namespace

DeviceUsers::DeviceUsers(const StorageGraph& graph, const std::vector<KernelOpen>& opens) {
  for (const SwapArea& swap : graph.swaps)
    for (const std::string& below : graph.Below(swap))
      users_[below].push_back({"swap " + swap.path});
  AddDevices(graph);
  AddMounts(graph);
  AddOpens(graph, opens);
}

void DeviceUsers::AddDevices(const StorageGraph& graph) {
  for (const BlockDevice& device : graph.devices) {
    if (device.number.empty()) continue;
    const auto name = device.name + (device.label.empty() ? "" : " \"" + device.label + "\"");
    const auto kind = IsPartition(device) ? User::kPartition : User::kDevice;
    for (const std::string& below : graph.Below(device.number))
      if (below != device.number) users_[below].push_back({name, device.number, kind});
  }
}

/// Of each file system its first mount: there may be hundreds of bind mounts.
void DeviceUsers::AddMounts(const StorageGraph& graph) {
  std::set<std::string> passed;
  for (const Mount& mount : graph.mounts) {
    if (!passed.insert(mount.device).second) continue;
    users_[mount.device].push_back({mount.target, "", User::kMount});
    if (!mount.device.starts_with("0:")) continue;
    const bool overlay = mount.type == "overlay";
    for (const std::string& below : graph.Below(mount.device))
      users_[below].push_back(overlay ? User{"overlay " + mount.target}
                                      : User{mount.target, "", User::kMount});
  }
}

void DeviceUsers::AddOpens(const StorageGraph& graph, const std::vector<KernelOpen>& opens) {
  for (const KernelOpen& open : opens) {
    if (!open.path.starts_with("/dev/")) continue;  // A file is its mount's: mount_holders.cc.
    const auto* used =
        graph.FindDevice(std::string_view(open.path).substr(open.path.rfind('/') + 1));
    if (!used) continue;
    const auto* device = graph.FindDevice(open.name);
    auto& users = users_[used->number];
    const User user{open.name, device ? device->number : "", device ? User::kDevice : User::kOther};
    if (std::none_of(users.begin(), users.end(),
                     [&](const User& other) { return other.name == user.name; }))
      users.push_back(user);
  }
}

std::vector<KernelUser> DeviceUsers::Of(const std::string& number) const {
  std::vector<KernelUser> found;
  std::set<std::string> passed{number};
  Walk(number, "", &passed, &found);
  return found;
}

void DeviceUsers::Walk(const std::string& number, const std::string& before,
                       std::set<std::string>* passed, std::vector<KernelUser>* found) const {
  const auto users = users_.find(number);
  if (users == users_.end()) return;
  for (const User& user : users->second) {
    // The mounts of `number` itself are what the question is about.
    if (user.kind == User::kMount && before.empty()) continue;
    const auto text = before.empty() ? user.name : before + " -> " + user.name;
    const auto count = found->size();
    if (!user.number.empty() && passed->insert(user.number).second)
      Walk(user.number, text, passed, found);
    if (found->size() > count || user.kind == User::kPartition) continue;
    found->push_back({text, user.kind == User::kDevice});
  }
}

}  // namespace curfew
