// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/stack.h"

namespace curfew {
namespace {

/// DiskNames in one line.
constexpr std::size_t kMostDisks = 4;

/// "sda, sdb"
std::string DiskNames(const std::vector<const BlockDevice*>& disks) {
  std::string text;
  for (std::size_t i = 0; i < disks.size() && i < kMostDisks; ++i)
    text += (i > 0 ? ", " : "") + disks[i]->name;
  if (disks.size() > kMostDisks)
    text += " and " + std::to_string(disks.size() - kMostDisks) + " more";
  return text;
}

/// Whether the name of a device tells its disk: "sda", "sda1", "nvme0n1p2".
bool TellsDisk(const BlockDevice& device, const std::vector<const BlockDevice*>& disks) {
  return device.file.empty() && disks.size() == 1 && device.name.starts_with(disks[0]->name);
}

/// The block device of a mount; null: it has none, or none that is known.
const BlockDevice* DeviceOf(const StorageGraph& graph, const Mount& mount) {
  if (const BlockDevice* device = graph.FindNumber(mount.device)) return device;
  if (!mount.source.starts_with("/dev/")) return nullptr;
  return graph.FindDevice(std::string_view(mount.source).substr(mount.source.rfind('/') + 1));
}

/// " of FILE on DISKS"
std::string Below(const StorageGraph& graph, const BlockDevice& device, const std::string& number) {
  const auto disks = DisksBelow(graph, number);
  std::string text = device.file.empty() ? "" : " of " + device.file;
  return disks.empty() || TellsDisk(device, disks) ? text : text + " on " + DiskNames(disks);
}

}  // namespace

std::vector<const BlockDevice*> DisksBelow(const StorageGraph& graph, const std::string& number) {
  auto numbers = graph.CarriersOf(number);
  numbers.insert(number);
  std::vector<const BlockDevice*> disks;
  for (const BlockDevice& device : graph.devices)
    if (numbers.contains(device.number) && device.below.empty() && device.file.empty())
      disks.push_back(&device);
  return disks;
}

std::string DeviceText(const StorageGraph& graph, const Mount& mount) {
  const BlockDevice* device = DeviceOf(graph, mount);
  if (!device) return mount.source;
  // The root of a system without an initramfs.
  const std::string name = mount.source == "/dev/root" ? "/dev/" + device->name : mount.source;
  return name + Below(graph, *device, mount.device);
}

std::string DeviceText(const StorageGraph& graph, const BlockDevice& device) {
  const bool labelled = device.kind == DeviceKind::kMapped && !device.label.empty();
  const std::string name = labelled ? "mapper/" + device.label : device.name;
  return "/dev/" + name + Below(graph, device, device.number);
}

}  // namespace curfew
