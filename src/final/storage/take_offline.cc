// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/take_offline.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "config/limits.h"
#include "final/storage/dead_devices.h"
#include "final/storage/device_limits.h"
#include "final/storage/device_progress.h"
#include "final/storage/stack.h"
#include "kernel/files.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr const char* kBlock = "/sys/class/block/";
constexpr const char* kExt4 = "/proc/fs/ext4";
/// The kernel refuses it without the newline.
constexpr const char* kOffline = "offline\n";

/// A disk that is known dead.
struct DeadDisk {
  std::string name;
  std::string number;
  std::string targets;  ///< "/srv, /home"

  std::string Text() const { return targets.empty() ? name : name + " (" + targets + ")"; }
  std::string StatePath() const { return kBlock + name + "/device/state"; }
};

/// The number of a dead device, which DeadDevices has by number or by path; empty: it is gone.
std::string NumberOf(const StorageGraph& graph, const std::string& device) {
  if (!device.starts_with('/')) return device;
  if (device.starts_with("/dev/")) {
    const auto* found = graph.FindDevice(std::string_view(device).substr(device.rfind('/') + 1));
    return found ? found->number : "";
  }
  const Mount* mount = graph.MountOf(device);  // A swap file.
  return mount ? mount->device : "";
}

/// Whether the kernel still waits for the disk. A SCSI disk alone has these states there
/// (drivers/scsi/scsi_sysfs.c); those after an end or a transport's own give-up are not among them.
bool IsOnlineScsi(Files& files, const DeadDisk& disk) {
  if (!disk.name.starts_with("sd")) return false;
  const std::string state = ReadLine(files, disk.StatePath());
  constexpr std::array kOnline{"running", "blocked", "quiesce", "created"};
  return std::find(kOnline.begin(), kOnline.end(), state) != kOnline.end();
}

std::vector<DeadDisk> DeadDisks(StageContext& context, const StorageGraph& graph) {
  const DeadDevices dead(context);
  std::vector<DeadDisk> disks;
  for (const auto& [device, target] : dead.Targets())
    for (const BlockDevice* below : DisksBelow(graph, NumberOf(graph, device))) {
      auto known = std::find_if(disks.begin(), disks.end(),
                                [&](const DeadDisk& disk) { return disk.name == below->name; });
      if (known == disks.end()) known = disks.insert(known, {below->name, below->number, {}});
      // A drive that missed its flush has its own name in the place of a mount point.
      if (target == "/dev/" + known->name) continue;
      known->targets += (known->targets.empty() ? "" : ", ") + target;
    }
  std::erase_if(disks, [&](const DeadDisk& disk) { return !IsOnlineScsi(context.kernel, disk); });
  return disks;
}

/// Why a disk must not be taken offline.
class Reasons {
 public:
  Reasons(Files& files, const StorageGraph& graph) : files_(files), graph_(graph) {}

  /// Empty: it may be.
  std::string For(const DeadDisk& disk) const {
    for (const char* target : {"/", "/usr"})
      for (const Mount& mount : graph_.mounts)
        if (mount.target == target && Carries(disk, mount.device))
          return std::string("it carries ") + target;
    for (const SwapArea& area : graph_.swaps)
      for (const std::string& below : graph_.Below(area))
        if (Carries(disk, below)) return "it carries the swap " + area.path;
    for (const BlockDevice& device : graph_.devices)
      if (Carries(disk, device.number))
        if (auto reason = OfUser(device); !reason.empty()) return reason;
    return Panics(disk) ? "its file system panics on errors" : "";
  }

 private:
  bool Carries(const DeadDisk& disk, const std::string& number) const {
    return number == disk.number || graph_.CarriersOf(number).contains(disk.number);
  }

  /// The reason that a device on the disk gives.
  std::string OfUser(const BlockDevice& device) const {
    const std::string dir = kBlock + device.name;
    if (ReadLine(files_, dir + "/dm/uuid").starts_with("mpath-"))
      return "it is a path of the multipath " + device.label;
    // The legs of a mirror or RAID of LVM.
    for (const char* part : {"_rimage_", "_rmeta_", "_mimage_"})
      if (device.label.find(part) != std::string::npos)
        return "it is a member of the RAID " + device.label;
    if (!device.name.starts_with("md") || !files_.Stat(dir + "/md")) return "";
    // Linux Documentation/admin-guide/md.rst, array_state.
    constexpr std::array kWritten{"clear", "inactive", "readonly", "read-auto", "clean"};
    const std::string state = ReadLine(files_, dir + "/md/array_state");
    if (std::find(kWritten.begin(), kWritten.end(), state) != kWritten.end()) return "";
    return "it is a member of the RAID " + device.name + ", which has data to write";
  }

  /// Whether a file system on the disk panics the kernel on an error. mountinfo leaves out what is
  /// ext4's default by its superblock, and what is mounted elsewhere.
  bool Panics(const DeadDisk& disk) const {
    for (const Mount& mount : graph_.mounts)
      for (const char* option : {"errors=panic", "fatal_errors=panic"})
        if (HasOption(mount.super_options, option) && Carries(disk, mount.device)) return true;
    for (const std::string& name : files_.List(kExt4).value) {
      const BlockDevice* device = graph_.FindDevice(name);
      if (!device || !Carries(disk, device->number)) continue;
      const std::string text = files_.Read(kExt4 + ("/" + name) + "/options").value;
      const auto options = Lines(text);
      if (std::find(options.begin(), options.end(), "errors=panic") != options.end()) return true;
    }
    return false;
  }

  Files& files_;
  const StorageGraph& graph_;
};

std::error_code Flush(Files& files, const DeadDisk& disk) {
  const auto fd = files.Open("/dev/" + disk.name, O_RDONLY);
  if (!fd) return fd.error;
  const auto error = files.Fsync(fd.value);
  files.Close(fd.value);
  return error;
}

/// Leaves those in `disks` that miss their limit once more. An error is an answer.
void FlushOnceMore(StageContext& context, const StorageGraph& graph, std::vector<DeadDisk>* disks) {
  Kernel& kernel = context.kernel;
  DeviceLimits device_limits(kernel, graph);
  DeviceProgress progress(context, graph, "flushing");
  const auto errors = EachInChild(
      kernel, {.count = disks->size(),
               .limit = limits::kDisk,
               .limit_of = [&](std::size_t i) { return device_limits.Of((*disks)[i].number); },
               .call = [&](std::size_t i) { return Flush(kernel, (*disks)[i]); },
               .made_progress =
                   [&](std::size_t i) {
                     Beat(context);  // The limit bounds this wait, not the dead-man.
                     return progress.Made((*disks)[i].number);
                   },
               .needs_child = [](std::size_t) { return true; }});
  std::vector<DeadDisk> silent;
  for (std::size_t i = 0; i < disks->size(); ++i)
    if (errors[i] == std::errc::timed_out) silent.push_back(std::move((*disks)[i]));
  *disks = std::move(silent);
}

void TakeOffline(StageContext& context, const std::vector<DeadDisk>& disks) {
  Kernel& kernel = context.kernel;
  // The write waits for a lock that a driver may hold.
  const auto errors = EachInChild(
      kernel, {.count = disks.size(),
               .limit = limits::kOffline,
               .call = [&](std::size_t i) { return kernel.Write(disks[i].StatePath(), kOffline); },
               .needs_child = [](std::size_t) { return true; }});
  for (std::size_t i = 0; i < disks.size(); ++i) {
    context.report.Say(disks[i].Text() + (errors[i]
                                              ? " is not taken offline: " + errors[i].message()
                                              : " is taken offline: it did not answer"));
    if (!errors[i])
      context.report.Event("offline", {{"device", disks[i].name}, {"target", disks[i].targets}});
  }
}

}  // namespace

void TakeDeadOffline(StageContext& context) {
  const FinalRequest& request = context.request;
  if (!request.last || request.container || !request.sync) return;
  if (DeadDevices(context).Empty()) return;
  const StorageGraph graph = ReadStorage(context.kernel);
  auto disks = DeadDisks(context, graph);
  const Reasons reasons(context.kernel, graph);
  std::erase_if(disks, [&](const DeadDisk& disk) {
    const std::string reason = reasons.For(disk);
    if (!reason.empty())
      context.report.Say(disk.Text() + " does not answer and stays online, because " + reason);
    return !reason.empty();
  });
  FlushOnceMore(context, graph, &disks);
  TakeOffline(context, disks);
}

}  // namespace curfew
