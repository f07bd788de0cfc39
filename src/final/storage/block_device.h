// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "kernel/files.h"

namespace curfew {

/// What makes a block device. What the kernel makes of others has a kind of its own where halt can
/// take it down (teardown.h).
enum class DeviceKind {
  kDisk,  ///< Also one that comes over the network, and what halt does not take down: bcache.
  kPartition,
  kLoop,
  kMapped,  ///< Device mapper: crypt, LVM, thin, cache ...
  kRaid,    ///< md, also a container of external metadata.
  kNbd,
  kZram
};

/// A disk, a partition, or a device that the kernel makes of others.
struct BlockDevice {
  std::string name{};    ///< In sysfs: "sda1", "loop0", "dm-0".
  std::string number{};  ///< "8:1"
  DeviceKind kind = DeviceKind::kDisk;
  std::string file{};      ///< Path of a loop device's file, maybe of another mount namespace.
  std::string label{};     ///< What device mapper calls it: "vault".
  bool suspended = false;  ///< By device mapper: it answers when somebody resumes it.
  /// Whether there is something to take down: a loop device without a file, an nbd without a
  /// server, an md array that was stopped and a zram without a size are there, but empty.
  bool active = true;
  /// Names of its slaves, of a partition's disk, of an array's container, of zram's backing device.
  std::vector<std::string> below{};

  /// Whether the kernel makes it of others, and halt can take it down.
  bool IsMade() const { return kind != DeviceKind::kDisk && kind != DeviceKind::kPartition; }
  /// "dm-0 (vault)", "loop0"
  std::string Title() const { return label.empty() ? name : name + " (" + label + ")"; }
};

/// Those in /sys/class/block. What cannot be read is left out.
std::vector<BlockDevice> ReadBlockDevices(Files& files);

}  // namespace curfew
