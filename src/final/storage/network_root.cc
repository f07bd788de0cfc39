// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/network_root.h"

#include "final/storage/mount_plan.h"
#include "final/storage/mountinfo.h"

namespace curfew {
namespace {

/// `device` is a directory of /sys with the links of one block device. A stack of devices is at
/// most `depth` high: sysfs has no loops, but a limit costs nothing.
bool ThroughNetwork(Kernel& kernel, const std::string& device, int depth) {
  const std::string path = kernel.ReadLink(device).value;
  for (const char* carrier : {"/session", "/nbd", "/rbd", "/nvme-fabrics/"})
    if (path.find(carrier) != path.npos) return true;
  if (depth == 0) return false;
  for (const std::string& name : kernel.List(device + "/slaves").value)
    if (ThroughNetwork(kernel, "/sys/class/block/" + name, depth - 1)) return true;
  return false;
}

/// btrfs and its like show a device number that is no block device: then its source names one.
std::string SysfsDevice(const Mount& mount) {
  if (!mount.device.starts_with("0:")) return "/sys/dev/block/" + mount.device;
  return "/sys/class/block/" + mount.source.substr(mount.source.rfind('/') + 1);
}

}  // namespace

std::string NeedsNetwork(Kernel& kernel) {
  const auto netdev = ReadNetdevTargets(kernel);
  for (const Mount& mount : ReadMounts(kernel)) {
    const bool disk = HasDisk(mount) && mount.source.starts_with("/dev/");
    if (IsNetwork(mount, netdev) || (disk && ThroughNetwork(kernel, SysfsDevice(mount), 8)))
      return mount.target;
  }
  for (const std::string& name : kernel.List("/sys/block").value) {
    const std::string path = kernel.ReadLink("/sys/block/" + name).value;
    for (const char* carrier : {"/session", "/nvme-fabrics/"})
      if (path.find(carrier) != path.npos) return "/dev/" + name;
  }
  return {};
}

}  // namespace curfew
