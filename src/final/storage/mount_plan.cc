// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/mount_plan.h"

#include <algorithm>
#include <array>
#include <map>

#include "final/storage/fuse.h"
#include "kernel/network_types.h"
#include "text/text.h"

namespace curfew {
namespace {

using Names = std::set<std::string_view>;

bool IsKernelInterface(const Mount& mount) {
  static const Names kTypes{"proc", "procfs", "linprocfs", "devpts", "usbfs", "usbdevfs", "sysfs"};
  return kTypes.contains(mount.type);
}

/// Cluster file systems have `_netdev`, too, but scripts of their own leave the cluster in order.
bool IsCluster(const Mount& mount) {
  return mount.type == "ocfs2" || mount.type == "gfs" || mount.type == "gfs2";
}

/// A union of directories, or a layer on one: it keeps the file systems below it busy.
bool IsStacked(const Mount& mount) {
  static const Names kTypes{"overlay", "overlayfs", "aufs", "unionfs", "ecryptfs"};
  return kTypes.contains(mount.type);
}

bool NeverTouched(const Mount& mount) {
  if (mount.target == "/" || mount.target == "/usr") return true;
  constexpr std::array kTrees{"/proc", "/sys", "/dev", "/.dev", "/run"};
  if (Contains(kTrees, mount.target)) return true;
  if (HasDisk(mount) || IsStacked(mount) || mount.type == "nsfs") return false;
  // FUSE elsewhere may be a kernel interface: lxcfs below /proc.
  const bool served = IsFuse(mount) || IsNetworkType(mount.type);
  if (IsWithin(mount.target, "/run")) return !served;
  return std::any_of(kTrees.begin(), kTrees.end(),
                     [&](const char* tree) { return IsWithin(mount.target, tree); });
}

/// The ids of `mount` and of all that it is mounted on.
std::set<int> Lineage(const Mount& mount, const std::vector<Mount>& mounts) {
  std::set<int> ids{mount.id};
  // Ends also where a damaged table has parents in a ring.
  for (int parent = mount.parent; ids.insert(parent).second;) {
    const auto found = std::find_if(mounts.begin(), mounts.end(),
                                    [&](const Mount& other) { return other.id == parent; });
    if (found != mounts.end()) parent = found->parent;
  }
  return ids;
}

}  // namespace

bool IsWithin(std::string_view path, std::string_view dir) {
  if (dir == "/") return path.starts_with('/');
  return path.starts_with(dir) && (path.size() == dir.size() || path[dir.size()] == '/');
}

bool StandsOn(const Mount& mount, int id, const std::vector<Mount>& mounts) {
  return Lineage(mount, mounts).contains(id);
}

const Mount* CoverOf(const Mount& mount, const std::vector<Mount>& mounts) {
  const auto lineage = Lineage(mount, mounts);
  const auto found = std::find_if(mounts.begin(), mounts.end(), [&](const Mount& other) {
    return lineage.contains(other.parent) && !lineage.contains(other.id) && other.target != "/" &&
           IsWithin(mount.target, other.target);
  });
  return found == mounts.end() ? nullptr : &*found;
}

bool HasDisk(const Mount& mount) {
  // File systems on disks that have an anonymous device number ("0:N").
  static const Names kTypes{"btrfs", "zfs", "bcachefs", "ubifs", "jffs2"};
  return !mount.device.starts_with("0:") || kTypes.contains(mount.type);
}

bool IsNetwork(const Mount& mount, const std::set<std::string>& netdev) {
  return IsNetworkType(mount.type) || (netdev.contains(mount.target) && !IsCluster(mount));
}

std::set<std::string> NetdevTargets(std::string_view utab) {
  std::set<std::string> targets;
  for (const std::string_view line : Lines(utab)) {
    std::string target;
    bool netdev = false;
    for (const std::string_view word : WordViews(line)) {
      if (word.starts_with("TARGET=")) target = UndoOctal(word.substr(7));
      if (word.starts_with("OPTS=")) netdev = HasOption(word.substr(5), "_netdev");
    }
    if (netdev && !target.empty()) targets.insert(target);
  }
  return targets;
}

std::set<std::string> ReadNetdevTargets(Files& files) {
  return NetdevTargets(files.Read("/run/mount/utab").value);
}

std::vector<Mount> Unmountable(const std::vector<Mount>& mounts) {
  auto last_root = std::find_if(mounts.rbegin(), mounts.rend(),
                                [](const Mount& mount) { return mount.target == "/"; });
  std::vector<Mount> chosen;
  std::copy_if(mounts.rbegin(), last_root, std::back_inserter(chosen),
               [](const Mount& mount) { return !NeverTouched(mount); });
  return chosen;
}

std::vector<Mount> SharedMemory(const std::vector<Mount>& mounts) {
  std::vector<Mount> chosen;
  std::copy_if(mounts.rbegin(), mounts.rend(), std::back_inserter(chosen), [](const Mount& mount) {
    const bool shared = mount.target == "/dev/shm" || mount.target == "/run/shm" ||
                        mount.target.starts_with("/run/user/");
    return mount.type == "tmpfs" && shared;
  });
  return chosen;
}

std::vector<Mount> NetworkMounts(const std::vector<Mount>& mounts,
                                 const std::set<std::string>& netdev, AlsoUnmount also) {
  std::map<int, const Mount*> by_id;
  for (const auto& mount : mounts) by_id[mount.id] = &mount;
  // Thousands of mounts may stand on one another: each is looked at once.
  std::map<int, bool> known;
  auto on_network = [&](const Mount& mount) {
    std::vector<int> below;
    bool answer = false;
    for (auto at = by_id.find(mount.id); at != by_id.end(); at = by_id.find(at->second->parent)) {
      const Mount& now = *at->second;
      // False until it is known: a damaged table may have parents in a ring.
      const auto [entry, fresh] = known.emplace(now.id, false);
      answer = fresh ? now.target != "/" && IsNetwork(now, netdev) : entry->second;
      if (!fresh) break;
      below.push_back(now.id);
      if (answer || now.target == "/") break;
    }
    for (const int id : below) known[id] = answer;
    return answer;
  };
  auto chosen = Unmountable(mounts);
  std::erase_if(chosen, [&](const Mount& mount) {
    const bool interface = also == AlsoUnmount::kKernelInterfaces && IsKernelInterface(mount);
    return !on_network(mount) && !interface;
  });
  return chosen;
}

std::vector<Mount> WritableDisks(const std::vector<Mount>& candidates,
                                 const std::vector<Mount>& mounts) {
  std::set<int> ids;
  for (const auto& mount : candidates) ids.insert(mount.id);
  std::set<std::string> devices_done;
  for (const auto& mount : mounts)
    if (!ids.contains(mount.id)) devices_done.insert(mount.device);
  std::vector<Mount> chosen;
  for (const bool covered : {false, true})
    for (auto mount = mounts.rbegin(); mount != mounts.rend(); ++mount) {
      if (!HasDisk(*mount) || mount->SuperReadOnly() || devices_done.contains(mount->device))
        continue;
      if ((CoverOf(*mount, mounts) != nullptr) != covered) continue;
      devices_done.insert(mount->device);
      chosen.push_back(*mount);
    }
  return chosen;
}

}  // namespace curfew
