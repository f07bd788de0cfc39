// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/storage_servers.h"

#include <algorithm>
#include <vector>

#include "final/storage/fuse.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr const char* kFuseDevice = "/dev/fuse";
constexpr const char* kUio = "/sys/class/uio";

/// The file by which a process serves this disk; empty: the kernel itself does, or a partition is
/// meant, whose disk is in the graph as well.
std::string ServersFile(const std::string& name) {
  constexpr std::string_view kUblk = "ublkb";
  if (name.starts_with("nbd") && name.find('p') == name.npos) return "/dev/" + name;
  if (name.starts_with(kUblk) && name.find('p', kUblk.size()) == name.npos)
    return "/dev/ublkc" + name.substr(kUblk.size());
  return {};
}

std::set<std::string> MountedNumbers(const StorageGraph& graph) {
  std::set<std::string> numbers;
  for (const Mount& mount : graph.mounts) numbers.insert(mount.device);
  return numbers;
}

/// What a mount, or something that a mount stands on, is on.
std::set<std::string> NumbersInUse(const StorageGraph& graph) {
  auto numbers = MountedNumbers(graph);
  for (const std::string& number : MountedNumbers(graph)) numbers.merge(graph.CarriersOf(number));
  for (const BlockDevice& device : graph.devices)
    if (!graph.UsersOf(device.number).empty()) numbers.insert(device.number);
  return numbers;
}

bool Carries(const StorageGraph& graph, const std::string& number) {
  const auto mounted = MountedNumbers(graph);
  return !graph.UsersOf(number).empty() ||
         std::any_of(mounted.begin(), mounted.end(), [&](const std::string& other) {
           return graph.CarriersOf(other).contains(number);
         });
}

bool FuseInUse(const StorageGraph& graph, FuseUse fuse) {
  return std::any_of(graph.mounts.begin(), graph.mounts.end(), [&](const Mount& mount) {
    return IsFuse(mount) && (fuse == FuseUse::kMounted || Carries(graph, mount.device));
  });
}

}  // namespace

std::set<std::string> ServedDevices(Files& files, const StorageGraph& graph, FuseUse fuse) {
  std::set<std::string> served;
  if (FuseInUse(graph, fuse)) served.insert(kFuseDevice);
  const auto numbers = NumbersInUse(graph);
  for (const BlockDevice& device : graph.devices)
    if (const auto file = ServersFile(device.name);
        !file.empty() && numbers.contains(device.number))
      served.insert(file);
  for (const std::string& name : files.List(kUio).value)
    if (files.Read(std::string(kUio) + "/" + name + "/name").value.starts_with("tcm-user"))
      served.insert("/dev/" + name);
  return served;
}

bool StorageServers::HasOpen(pid_t pid, const std::set<std::string>& devices) {
  const auto dir = "/proc/" + std::to_string(pid) + "/fd";
  const auto descriptors = kernel_.List(dir).value;
  return std::any_of(descriptors.begin(), descriptors.end(), [&](const std::string& name) {
    return devices.contains(kernel_.ReadLink(dir + "/" + name).value);
  });
}

/// The one that has the device open may only wait for the one that does the work.
void StorageServers::AddChildren(const std::vector<ProcessInfo>& processes) {
  for (bool found = true; found;) {
    found = false;
    for (const ProcessInfo& process : processes)
      if (servers_.contains(process.parent)) found |= servers_.insert(process.pid).second;
  }
}

void StorageServers::Refresh(FuseUse fuse) {
  servers_.clear();
  const auto devices = ServedDevices(kernel_, ReadStorage(kernel_), fuse);
  if (devices.empty()) return;
  std::vector<ProcessInfo> processes;
  for (const std::string& name : kernel_.List("/proc").value) {
    const auto process = ReadProcess(kernel_, ParsePid(name));
    if (!process || process.value.kernel_thread || process.value.pid == 1) continue;
    processes.push_back(process.value);
    if (HasOpen(process.value.pid, devices)) servers_.insert(process.value.pid);
  }
  AddChildren(processes);
}

}  // namespace curfew
