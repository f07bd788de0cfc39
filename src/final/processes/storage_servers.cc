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

/// The sockets of the netlink protocol 8 (NETLINK_ISCSI, <linux/netlink.h>). A line of
/// /proc/net/netlink has the protocol as its second word and the inode as its last; 0: the
/// kernel's.
std::set<std::string> IscsiSockets(Files& files) {
  std::set<std::string> sockets;
  const auto text = files.Read("/proc/net/netlink").value;
  for (const std::string_view line : Lines(text)) {
    const auto words = WordViews(line);
    if (words.size() > 2 && words[1] == "8" && words.back() != "0")
      sockets.insert("socket:[" + std::string(words.back()) + "]");
  }
  return sockets;
}

}  // namespace

/// sysfs has the disks of a session below it: ".../session1/target2:0:0/2:0:0:1/block/sda".
bool IscsiInUse(Files& files, const StorageGraph& graph, FuseUse use) {
  if (files.List("/sys/class/iscsi_session").value.empty()) return false;
  if (use == FuseUse::kMounted) return true;
  const auto numbers = NumbersInUse(graph);
  return std::any_of(graph.devices.begin(), graph.devices.end(), [&](const BlockDevice& device) {
    const auto place = files.ReadLink("/sys/class/block/" + device.name).value;
    return numbers.contains(device.number) && place.find("/session") != place.npos;
  });
}

std::set<std::string> ServedDevices(Files& files, const StorageGraph& graph, FuseUse fuse) {
  std::set<std::string> served;
  if (FuseInUse(graph, fuse)) served.insert(kFuseDevice);
  const auto numbers = NumbersInUse(graph);
  for (const BlockDevice& device : graph.devices)
    if (const auto file = ServersFile(device.name);
        !file.empty() && numbers.contains(device.number))
      served.insert(file);
  if (IscsiInUse(files, graph, fuse)) served.merge(IscsiSockets(files));
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
  const auto graph = ReadStorage(kernel_);
  iscsi_in_use_ = curfew::IscsiInUse(kernel_, graph, fuse);
  const auto devices = ServedDevices(kernel_, graph, fuse);
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
