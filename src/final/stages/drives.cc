// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <vector>

#include "config/limits.h"
#include "final/context/say.h"
#include "final/stages/stages.h"
#include "final/storage/dead_devices.h"
#include "final/storage/device_limits.h"
#include "final/storage/mount_calls.h"
#include "final/storage/take_offline.h"
#include "kernel/files.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

struct Drive {
  std::string name;
  std::string block;   ///< Its directory in /sys/block.
  std::string device;  ///< Its place in sysfs: "../devices/pci0000:00/.../block/sda".
};

/// Whether a disk exists in memory alone, such as a loop device. The disk of an NVMe drive with
/// native multipath is virtual by its place in sysfs, and stands for the drive.
bool IsVirtual(const std::string& device) {
  return device.find("/virtual/") != device.npos &&
         device.find("/virtual/nvme-subsystem/") == device.npos;
}

/// All disks that are real devices and have a medium. Drives that sleep by runtime power management
/// are left out: the kernel has flushed and parked them. So are hidden disks, which have no device
/// file: the single paths of an NVMe drive with native multipath (nvme0c0n1).
std::vector<Drive> AwakeDrives(Files& files) {
  std::vector<Drive> drives;
  for (const std::string& name : files.List("/sys/block").value) {
    const std::string block = "/sys/block/" + name;
    const std::string device = files.ReadLink(block).value;
    if (IsVirtual(device) || ReadLine(files, block + "/hidden") == "1" ||
        ReadLine(files, block + "/size") == "0" ||
        ReadLine(files, block + "/device/power/runtime_status") == "suspended")
      continue;
    drives.push_back({name, block, device});
  }
  return drives;
}

/// Removes the drives that an earlier stage found dead, also if it was one of their partitions.
void RemoveDead(StageContext& context, std::vector<Drive>* drives) {
  const DeadDevices dead(context);
  if (dead.Empty()) return;
  std::erase_if(*drives, [&](const Drive& drive) {
    if (dead.Contains(ReadLine(context.kernel, drive.block + "/dev"))) return true;
    const auto parts = context.kernel.List(drive.block).value;
    return std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
      return part.starts_with(drive.name) &&
             dead.Contains(ReadLine(context.kernel, drive.block + "/" + part + "/dev"));
    });
  });
}

bool HasCache(Files& files, const Drive& drive) {
  return ReadLine(files, drive.block + "/queue/write_cache") == "write back";
}

/// fsync(2) of the device: the kernel sends the flush command of this kind of drive.
std::error_code Flush(Files& files, const Drive& drive) {
  auto fd = files.Open("/dev/" + drive.name, O_RDONLY);
  if (!fd) return fd.error;
  auto error = files.Fsync(fd.value);
  files.Close(fd.value);
  return error;
}

/// Whether a RAID is active: the kernel still has to write its metadata then. The test is that of
/// Debian's halt script, `^md.*active` (its bug 127635).
bool RaidActive(Files& files) {
  const std::string text = files.Read("/proc/mdstat").value;
  const auto lines = Lines(text);
  return std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
    return line.starts_with("md") && line.find("active") != line.npos;
  });
}

/// The kernel waits 1 s before it ends the machine while there is an array (md_notify_reboot() in
/// drivers/md/md.c). One that carries / or /usr cannot be stopped before.
void SayWhatRaidCosts(StageContext& context) {
  const StorageGraph graph = ReadStorage(context.kernel);
  for (const char* target : {"/", "/usr"}) {
    const auto top = std::find_if(graph.mounts.rbegin(), graph.mounts.rend(),
                                  [&](const Mount& mount) { return mount.target == target; });
    if (top == graph.mounts.rend()) continue;
    auto carriers = graph.CarriersOf(top->device);
    carriers.insert(top->device);
    for (const BlockDevice& device : graph.devices) {
      // A partition of an array has the array below itself.
      const auto& below = device.below;
      if (!device.name.starts_with("md") || !carriers.contains(device.number) ||
          std::any_of(below.begin(), below.end(),
                      [](const std::string& name) { return name.starts_with("md"); }))
        continue;
      SayWell(context, device.name + " carries " + target + ": the kernel waits 1 s for it");
      return;
    }
  }
}

/// Whether the drive belongs to this machine alone: an ATA drive, or one on USB, FireWire, SAS or
/// parallel SCSI. All others are volumes of RAID controllers, of a SAN or of hypervisors, which may
/// have other users.
bool IsOwnDrive(Files& files, const Drive& drive) {
  if (!drive.name.starts_with("sd")) return false;
  if (ReadLine(files, drive.block + "/device/vendor") == "ATA") return true;
  for (const char* transport : {"/usb", "/fw", "/end_device-"})
    if (drive.device.find(transport) != drive.device.npos) return true;
  const size_t target = drive.device.find("/target");
  if (target == drive.device.npos) return false;
  const std::string name = drive.device.substr(target, drive.device.find('/', target + 1) - target);
  return files.ReadLink("/sys/class/spi_transport" + name).error == std::error_code();
}

/// Has the kernel park a drive when it ends the machine (sd_shutdown() in drivers/scsi/sd.c).
/// Kernels with `manage_shutdown` (6.6 and later, and later 6.1) do so by that key for a power-off,
/// by `manage_system_start_stop` for a halt as well, and their `manage_start_stop` only tells
/// whether both are set. Older kernels have `manage_start_stop` alone.
std::error_code LetKernelPark(Files& files, const Drive& drive, Ending ending) {
  const std::string disks = drive.block + "/device/scsi_disk";
  for (const std::string& disk : files.List(disks).value) {
    const std::string keys = disks + "/" + disk + "/";
    if (ending == Ending::kPowerOff && ReadLine(files, keys + "manage_shutdown") == "1") return {};
    std::string key = keys + "manage_system_start_stop";
    if (!files.Read(key)) key = keys + "manage_start_stop";
    return ReadLine(files, key) == "1" ? std::error_code() : files.Write(key, "1");
  }
  return {};
}

}  // namespace

void FlushStage(StageContext& context) {
  if (!context.request.sync) return;
  Kernel& kernel = context.kernel;
  auto drives = AwakeDrives(kernel);
  RemoveDead(context, &drives);
  const StorageGraph graph = ReadStorage(kernel);
  DeviceLimits device_limits(kernel, graph);
  const auto errors = EachInChild(
      kernel, {.count = drives.size(),
               .limit = limits::kDisk,
               .limit_of =
                   [&](std::size_t i) {
                     return device_limits.Of(ReadLine(kernel, drives[i].block + "/dev"));
                   },
               .call =
                   [&](std::size_t i) {
                     return HasCache(kernel, drives[i]) ? Flush(kernel, drives[i])
                                                        : std::error_code();
                   }});
  DeadDevices dead(context);
  for (std::size_t i = 0; i < drives.size(); ++i) {
    if (!errors[i]) continue;
    context.report.Say("drive " + drives[i].name + " is not flushed: " + errors[i].message());
    if (IsWriteError(errors[i]))
      RecordUnwritten(context, "/dev/" + drives[i].name, errors[i].message(),
                      "its write cache is not flushed: " + errors[i].message());
    if (errors[i] == std::errc::timed_out)
      dead.Remember(ReadLine(kernel, drives[i].block + "/dev"), "/dev/" + drives[i].name);
  }
}

void DrivesStage(StageContext& context) {
  Kernel& kernel = context.kernel;
  if (RaidActive(kernel)) SayWhatRaidCosts(context);
  const FinalRequest& request = context.request;
  TakeDeadOffline(context);
  const bool ends = request.ending == Ending::kHalt || request.ending == Ending::kPowerOff;
  if (!request.standby || !ends || RaidActive(kernel)) return;
  auto drives = AwakeDrives(kernel);
  RemoveDead(context, &drives);
  for (const Drive& drive : drives) {
    if (!IsOwnDrive(kernel, drive)) continue;
    if (auto error = LetKernelPark(kernel, drive, request.ending))
      context.report.Say("drive " + drive.name + " stays running: " + error.message());
  }
}

}  // namespace curfew
