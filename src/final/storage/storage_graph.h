// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "final/storage/block_device.h"
#include "final/storage/mountinfo.h"
#include "final/storage/swap_area.h"

namespace curfew {

/// What carries what: the mounts, swap areas and block devices of one moment. A plain value. A
/// device number ("8:1") stands for a file system and for the block device of that number.
struct StorageGraph {
  std::vector<Mount> mounts;  ///< In the order of mounting.
  std::vector<SwapArea> swaps;
  std::vector<BlockDevice> devices;
  /// For each btrfs that is active the names of its devices; mountinfo shows one of them.
  std::vector<std::vector<std::string>> pools{};

  /// The numbers of all that `number` stands on, near and far, without itself.
  std::set<std::string> CarriersOf(const std::string& number) const;
  /// What keeps `number` in use inside the kernel: "swap /srv/swap", "loop0", "dm-0 (vault)".
  std::vector<std::string> UsersOf(const std::string& number) const;
  /// `chosen` in steps: a step carries nothing of a later one, and no two mounts of one step carry
  /// each other. Within a step the order stays. Mounts in a ring make one step.
  std::vector<std::vector<Mount>> CarriedFirst(std::vector<Mount> chosen) const;
  /// Whether a swap area keeps something in use that has to be unmounted or taken down: it is a
  /// file, or a device of DeviceKind kLoop to kZram stands below it. A partition or zram needs no
  /// swapoff, because it cannot become unclean.
  bool HoldsStorage(const SwapArea& swap) const;
  /// The numbers on which a mount stands itself.
  std::set<std::string> Mounted() const;
  /// The same of swap areas and active devices as well, and the disks of used partitions.
  std::set<std::string> Used() const;
  /// Whether a device that the kernel makes of others stands on `number`.
  bool HasDeviceOn(const std::string& number) const;
  /// By its name or label; null: there is none.
  const BlockDevice* FindDevice(std::string_view name) const;
  /// By its number; null: there is none.
  const BlockDevice* FindNumber(std::string_view number) const;
  /// The mount that a path leads to, which is the last one at the deepest mount point. Null: none.
  const Mount* MountOf(std::string_view path) const;

  /// The numbers of what `number` stands on itself.
  std::set<std::string> Below(const std::string& number) const;
  std::set<std::string> Below(const SwapArea& swap) const;
  std::set<std::string> Below(const BlockDevice& device) const;

 private:
  void AddPath(std::string_view path, std::set<std::string>* numbers) const;
  void AddFile(std::string_view file, std::set<std::string>* numbers) const;
  void AddDevice(std::string_view name, std::set<std::string>* numbers) const;
  void AddSource(const Mount& mount, std::set<std::string>* numbers) const;
};

/// The storage of this machine: /proc/self/mountinfo, /proc/swaps, /sys/class/block. What cannot be
/// read is left out.
StorageGraph ReadStorage(Files& files);

/// A file system that is active by /sys/fs and in no mount: it belongs to another mount namespace,
/// or was detached while somebody used it.
struct HiddenFileSystem {
  std::string name;    ///< "ext4 on vdb"
  std::string number;  ///< Of its device.
};
std::vector<HiddenFileSystem> HiddenFileSystems(Files& files, const StorageGraph& graph);

}  // namespace curfew
