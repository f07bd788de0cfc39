// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/block_device.h"

#include <string_view>
#include <utility>

#include "kernel/files.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr const char* kBlockDevices = "/sys/class/block/";

/// The disk of a partition by its place in sysfs, ".../block/loop0/loop0p1"; empty: a whole disk.
std::string DiskOf(std::string_view place) {
  const auto name = place.rfind('/');
  if (name == place.npos || name == 0) return {};
  const auto disk = place.rfind('/', name - 1);
  if (disk == place.npos) return {};
  const auto parent = place.substr(disk + 1, name - disk - 1);
  return parent == "block" ? std::string() : std::string(parent);
}

/// By the name that the driver gives, which nobody can change.
DeviceKind KindOf(std::string_view name) {
  constexpr std::pair<std::string_view, DeviceKind> kKinds[] = {{"loop", DeviceKind::kLoop},
                                                                {"dm-", DeviceKind::kMapped},
                                                                {"md", DeviceKind::kRaid},
                                                                {"nbd", DeviceKind::kNbd},
                                                                {"zram", DeviceKind::kZram}};
  for (const auto& [prefix, kind] : kKinds)
    if (name.starts_with(prefix)) return kind;
  return DeviceKind::kDisk;
}

/// An array with external metadata names its container: "external:/md127/0"; the container itself
/// has "external:imsm" (Linux Documentation/admin-guide/md.rst).
std::string ContainerOf(std::string_view metadata_version) {
  constexpr std::string_view kMember = "external:/";
  if (!metadata_version.starts_with(kMember)) return {};
  metadata_version.remove_prefix(kMember.size());
  return std::string(metadata_version.substr(0, metadata_version.find('/')));
}

void ReadRaid(Files& files, const std::string& dir, BlockDevice* device) {
  const auto state = ReadLine(files, dir + "/md/array_state");
  device->active = !state.empty() && state != "clear";
  if (auto container = ContainerOf(ReadLine(files, dir + "/md/metadata_version"));
      !container.empty())
    device->below.push_back(std::move(container));
}

void ReadZram(Files& files, const std::string& dir, BlockDevice* device) {
  const auto size = ReadLine(files, dir + "/disksize");
  device->active = !size.empty() && size != "0";
  const auto backing = ReadLine(files, dir + "/backing_dev");
  if (backing.starts_with('/')) device->below.push_back(backing.substr(backing.rfind('/') + 1));
}

BlockDevice ReadDevice(Files& files, const std::string& name) {
  const auto dir = kBlockDevices + name;
  BlockDevice device;
  device.name = name;
  device.number = ReadLine(files, dir + "/dev");
  device.below = files.List(dir + "/slaves").value;
  device.kind = KindOf(name);
  if (auto disk = DiskOf(files.ReadLink(dir).value); !disk.empty()) {
    device.kind = DeviceKind::kPartition;
    device.below.push_back(std::move(disk));
  }
  switch (device.kind) {
    case DeviceKind::kDisk:
    case DeviceKind::kPartition:
      break;
    case DeviceKind::kLoop:
      device.file = ReadLine(files, dir + "/loop/backing_file");
      device.active = !device.file.empty();
      break;
    case DeviceKind::kMapped:
      device.label = ReadLine(files, dir + "/dm/name");
      device.suspended = ReadLine(files, dir + "/dm/suspended") == "1";
      break;
    case DeviceKind::kRaid:
      ReadRaid(files, dir, &device);
      break;
    case DeviceKind::kNbd:
      // The process that called NBD_DO_IT, or whose netlink message connected it.
      device.active = static_cast<bool>(files.Read(dir + "/pid"));
      break;
    case DeviceKind::kZram:
      ReadZram(files, dir, &device);
      break;
  }
  return device;
}

}  // namespace

std::vector<BlockDevice> ReadBlockDevices(Files& files) {
  std::vector<BlockDevice> devices;
  for (const std::string& name : files.List("/sys/class/block").value)
    devices.push_back(ReadDevice(files, name));
  return devices;
}

}  // namespace curfew
