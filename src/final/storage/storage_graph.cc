// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/storage_graph.h"

#include <algorithm>

#include "final/storage/mount_plan.h"
#include "kernel/files.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr const char* kDevices = "/sys/class/block/";

/// The paths that overlayfs stands on: "lowerdir=/a:/b", "upperdir=/c".
std::vector<std::string> OverlayPaths(const Mount& mount) {
  std::vector<std::string> paths;
  if (mount.type != "overlay") return paths;
  for (const std::string_view option : Split(mount.super_options, ',')) {
    if (!option.starts_with("lowerdir=") && !option.starts_with("upperdir=")) continue;
    for (const std::string_view path : Split(option.substr(9), ':'))
      paths.push_back(UndoOctal(path));
  }
  return paths;
}

/// Whether no mount shows the active file system on this device. One that was mounted from a device
/// whose name says nothing, such as /dev/root, may be it.
bool IsHidden(Files& files, const StorageGraph& graph, const std::string& type,
              const std::string& name) {
  const BlockDevice* device = graph.FindDevice(name);
  // On a device that takes no writes, as a live system's image, nothing is at stake.
  if (!device || ReadLine(files, kDevices + name + "/ro") == "1") return false;
  return std::none_of(graph.mounts.begin(), graph.mounts.end(), [&](const Mount& mount) {
    if (mount.device == device->number) return true;
    if (mount.type != type || !mount.device.starts_with("0:")) return false;
    const auto below = graph.Below(mount.device);
    return below.empty() || below.contains(device->number);
  });
}

}  // namespace

const BlockDevice* StorageGraph::FindDevice(std::string_view name) const {
  const auto found = std::find_if(devices.begin(), devices.end(), [&](const BlockDevice& device) {
    return device.name == name || (!device.label.empty() && device.label == name);
  });
  return found == devices.end() ? nullptr : &*found;
}

const BlockDevice* StorageGraph::FindNumber(std::string_view number) const {
  const auto found = std::find_if(devices.begin(), devices.end(), [&](const BlockDevice& device) {
    return device.number == number;
  });
  return found == devices.end() ? nullptr : &*found;
}

void StorageGraph::AddDevice(std::string_view name, std::set<std::string>* numbers) const {
  if (const BlockDevice* device = FindDevice(name)) numbers->insert(device->number);
}

const Mount* StorageGraph::MountOf(std::string_view path) const {
  const Mount* deepest = nullptr;
  for (const Mount& mount : mounts)
    if (IsWithin(path, mount.target) && (!deepest || mount.target.size() >= deepest->target.size()))
      deepest = &mount;
  return deepest;
}

void StorageGraph::AddPath(std::string_view path, std::set<std::string>* numbers) const {
  if (const Mount* mount = MountOf(path)) numbers->insert(mount->device);
}

/// What the file of a loop device is on. It may be a device itself.
void StorageGraph::AddFile(std::string_view file, std::set<std::string>* numbers) const {
  if (file.starts_with("/dev/"))
    if (const BlockDevice* device = FindDevice(file.substr(file.rfind('/') + 1))) {
      numbers->insert(device->number);
      return;
    }
  AddPath(file, numbers);
}

/// What a file system without a device number of its own ("0:45") stands on.
void StorageGraph::AddSource(const Mount& mount, std::set<std::string>* numbers) const {
  const std::string_view source = mount.source;
  const auto name = source.substr(source.rfind('/') + 1);
  if (source.starts_with("/dev/")) AddDevice(name, numbers);
  if (const BlockDevice* device = FindDevice(name); device && mount.type == "btrfs")
    for (const auto& pool : pools)
      if (Contains(pool, device->name))
        for (const std::string& member : pool) AddDevice(member, numbers);
  for (const std::string& path : OverlayPaths(mount)) AddPath(path, numbers);
}

std::set<std::string> StorageGraph::Below(const std::string& number) const {
  std::set<std::string> numbers;
  // Bind mounts of one file system, of which there may be thousands, stand on the same.
  const Mount* last = nullptr;
  for (const Mount& mount : mounts) {
    if (mount.device != number) continue;
    if (!last || last->source != mount.source || last->super_options != mount.super_options)
      AddSource(mount, &numbers);
    last = &mount;
  }
  for (const BlockDevice& device : devices)
    if (device.number == number) numbers.merge(Below(device));
  return numbers;
}

std::set<std::string> StorageGraph::Below(const BlockDevice& device) const {
  std::set<std::string> numbers;
  for (const std::string& name : device.below) AddDevice(name, &numbers);
  if (!device.file.empty()) AddFile(device.file, &numbers);
  return numbers;
}

std::set<std::string> StorageGraph::Below(const SwapArea& swap) const {
  std::set<std::string> numbers;
  if (swap.is_file)
    AddPath(swap.path, &numbers);
  else
    AddDevice(std::string_view(swap.path).substr(swap.path.rfind('/') + 1), &numbers);
  return numbers;
}

std::set<std::string> StorageGraph::CarriersOf(const std::string& number) const {
  std::set<std::string> found;
  std::vector<std::string> open{number};
  while (!open.empty()) {
    const std::string next = std::move(open.back());
    open.pop_back();
    for (const std::string& below : Below(next))
      if (below != number && found.insert(below).second) open.push_back(below);
  }
  return found;
}

std::vector<std::string> StorageGraph::UsersOf(const std::string& number) const {
  std::vector<std::string> users;
  for (const SwapArea& swap : swaps)
    if (Below(swap).contains(number)) users.push_back("swap " + swap.path);
  for (const BlockDevice& device : devices)
    if (device.number != number && device.active && Below(device.number).contains(number))
      users.push_back(device.Title());
  return users;
}

std::vector<std::vector<Mount>> StorageGraph::CarriedFirst(std::vector<Mount> chosen) const {
  std::vector<std::set<std::string>> carriers;
  for (const Mount& mount : chosen) carriers.push_back(CarriersOf(mount.device));
  std::vector<std::vector<Mount>> steps;
  while (!chosen.empty()) {
    std::vector<bool> carries;
    for (const Mount& mount : chosen)
      carries.push_back(std::any_of(carriers.begin(), carriers.end(),
                                    [&](const auto& set) { return set.contains(mount.device); }));
    if (std::find(carries.begin(), carries.end(), false) == carries.end())
      carries.assign(carries.size(), false);
    std::vector<Mount> step, rest;
    std::vector<std::set<std::string>> rest_carriers;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      (carries[i] ? rest : step).push_back(std::move(chosen[i]));
      if (carries[i]) rest_carriers.push_back(std::move(carriers[i]));
    }
    steps.push_back(std::move(step));
    chosen = std::move(rest);
    carriers = std::move(rest_carriers);
  }
  return steps;
}

bool StorageGraph::HoldsStorage(const SwapArea& swap) const {
  if (swap.NeedsSwapOff()) return true;
  std::set<std::string> carriers = Below(swap);
  for (const std::string& number : Below(swap)) carriers.merge(CarriersOf(number));
  return std::any_of(devices.begin(), devices.end(), [&](const BlockDevice& device) {
    return device.IsMade() && device.kind != DeviceKind::kZram && carriers.contains(device.number);
  });
}

std::set<std::string> StorageGraph::Mounted() const {
  std::set<std::string> mounted, seen;
  // Bind mounts of one file system, of which there may be thousands, stand on the same.
  for (const Mount& mount : mounts)
    if (seen.insert(mount.device).second) AddSource(mount, &mounted);
  mounted.merge(seen);
  return mounted;
}

std::set<std::string> StorageGraph::Used() const {
  std::set<std::string> used = Mounted();
  for (const SwapArea& swap : swaps) used.merge(Below(swap));
  for (const BlockDevice& device : devices)
    if (device.active && device.kind != DeviceKind::kPartition) used.merge(Below(device));
  for (const BlockDevice& device : devices)
    if (device.kind == DeviceKind::kPartition && used.contains(device.number))
      used.merge(Below(device));
  return used;
}

bool StorageGraph::HasDeviceOn(const std::string& number) const {
  return std::any_of(devices.begin(), devices.end(), [&](const BlockDevice& device) {
    return device.active && device.IsMade() && CarriersOf(device.number).contains(number);
  });
}

StorageGraph ReadStorage(Files& files) {
  StorageGraph graph;
  graph.mounts = ReadMounts(files);
  graph.swaps = ParseSwaps(files.Read("/proc/swaps").value);
  graph.devices = ReadBlockDevices(files);
  for (const std::string& id : files.List("/sys/fs/btrfs").value)
    if (auto names = files.List("/sys/fs/btrfs/" + id + "/devices"); !names.value.empty())
      graph.pools.push_back(std::move(names.value));
  return graph;
}

std::vector<HiddenFileSystem> HiddenFileSystems(Files& files, const StorageGraph& graph) {
  std::vector<HiddenFileSystem> hidden;
  for (const std::string& type : files.List("/sys/fs").value)
    for (const std::string& name : files.List("/sys/fs/" + type).value) {
      // btrfs has a directory by its UUID, with its devices.
      auto names = files.List("/sys/fs/" + type + "/" + name + "/devices").value;
      names.push_back(name);
      for (const std::string& device : names)
        if (IsHidden(files, graph, type, device))
          hidden.push_back({type + " on " + device, graph.FindDevice(device)->number});
    }
  return hidden;
}

}  // namespace curfew
