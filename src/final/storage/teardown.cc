// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/teardown.h"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <linux/nbd.h>
#include <linux/raid/md_u.h>
#include <sys/ioctl.h>

#include <cstdio>

#include "config/limits.h"
#include "final/storage/device_limits.h"
#include "final/storage/device_progress.h"
#include "final/storage/mount_calls.h"
#include "final/storage/stack.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr const char* kMapperControl = "/dev/mapper/control";
/// udev's look at a device takes milliseconds.
constexpr int kTries = 10;
constexpr std::chrono::milliseconds kBetweenTries{20};

std::error_code Busy() {
  return std::make_error_code(std::errc::device_or_resource_busy);
}

std::string SysFile(const BlockDevice& device, const char* file) {
  return "/sys/class/block/" + device.name + "/" + file;
}

/// Clear if this file of the device in sysfs is gone or says `empty`.
std::error_code Proved(Files& files, const BlockDevice& device, const char* file,
                       std::string_view empty) {
  const auto text = files.Read(SysFile(device, file));
  // ENODEV: the device went after the file was opened.
  const bool gone =
      text.error == std::errc::no_such_file_or_directory || text.error == std::errc::no_such_device;
  if (!text) return gone ? std::error_code() : text.error;
  return FirstLine(text.value) == empty ? std::error_code() : Busy();
}

/// A device number as device mapper has it: the 32 bits of the kernel's new_encode_dev().
std::uint64_t MapperNumber(const std::string& number) {
  unsigned major = 0, minor = 0;
  std::sscanf(number.c_str(), "%u:%u", &major, &minor);
  return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

std::error_code AskMapper(Files& files, int control, const BlockDevice& device,
                          unsigned long request) {
  dm_ioctl message{};
  message.version[0] = 4;  // All that the two requests need is in the first version 4.
  message.data_size = sizeof message;
  message.data_start = sizeof message;
  message.dev = MapperNumber(device.number);
  return files.Ioctl(control, request, &message).error;
}

std::error_code RemoveMapped(Files& files, const BlockDevice& device) {
  const auto control = files.Open(kMapperControl, O_RDWR);
  if (!control) return control.error;
  auto error = AskMapper(files, control.value, device, DM_DEV_REMOVE);
  // Proof: the kernel does not know it any more.
  if (!error || error == std::errc::no_such_device_or_address) {
    const auto status = AskMapper(files, control.value, device, DM_DEV_STATUS);
    error = status == std::errc::no_such_device_or_address ? std::error_code() : Busy();
  }
  files.Close(control.value);
  return error;
}

/// LOOP_CLR_FD returns 0 for a busy device as well. ENXIO from LOOP_GET_STATUS64 proves that the
/// device is free.
std::error_code DetachLoop(Files& files, int fd) {
  (void)files.Ioctl(fd, LOOP_CLR_FD, nullptr);
  loop_info64 info{};
  const auto status = files.Ioctl(fd, LOOP_GET_STATUS64, &info);
  return status.error == std::errc::no_such_device_or_address ? std::error_code() : Busy();
}

std::error_code StopArray(Files& files, int fd, const BlockDevice& device) {
  if (const auto stopped = files.Ioctl(fd, STOP_ARRAY, nullptr); !stopped) return stopped.error;
  return Proved(files, device, "md/array_state", "clear");
}

/// Its server's NBD_DO_IT returns then, and the kernel removes the file `pid`.
std::error_code Disconnect(Kernel& kernel, int fd, const BlockDevice& device) {
  const auto told = kernel.Ioctl(fd, NBD_DISCONNECT, nullptr);
  (void)kernel.Ioctl(fd, NBD_CLEAR_SOCK, nullptr);
  std::error_code error;
  for (int i = 0; i < kTries; ++i) {
    error = Proved(kernel, device, "pid", "");
    if (error != std::errc::device_or_resource_busy) return error;
    kernel.Poll({}, kBetweenTries);
  }
  return told ? error : told.error;
}

std::error_code ResetZram(Files& files, const BlockDevice& device) {
  if (const auto error = files.Write(SysFile(device, "reset"), "1")) return error;
  return Proved(files, device, "disksize", "0");
}

/// Once the device itself is closed: who holds it open cannot remove it.
std::error_code TakeDownClosed(Kernel& kernel, const BlockDevice& device) {
  std::error_code error;
  for (int i = 0; i < kTries; ++i) {
    error =
        device.kind == DeviceKind::kZram ? ResetZram(kernel, device) : RemoveMapped(kernel, device);
    if (error != std::errc::device_or_resource_busy) break;
    kernel.Poll({}, kBetweenTries);
  }
  return error;
}

std::error_code TakeDownOpen(Kernel& kernel, int fd, const BlockDevice& device) {
  if (device.kind == DeviceKind::kLoop) return DetachLoop(kernel, fd);
  if (device.kind == DeviceKind::kNbd) return Disconnect(kernel, fd, device);
  std::error_code error;
  for (int i = 0; i < kTries; ++i) {
    error = StopArray(kernel, fd, device);
    if (error != std::errc::device_or_resource_busy) break;
    kernel.Poll({}, kBetweenTries);
  }
  return error;
}

/// In a child. A device that cannot be opened, such as an array without disks, has nothing to
/// flush.
std::error_code TakeDownOne(Kernel& kernel, const BlockDevice& device) {
  const bool needs_open = device.kind != DeviceKind::kMapped && device.kind != DeviceKind::kZram;
  const auto fd = kernel.Open("/dev/" + device.name, O_RDONLY | O_NONBLOCK);
  // An error of this kind would count as a loss, and nothing was to be written.
  if (!fd && needs_open) return IsWriteError(fd.error) ? Busy() : fd.error;
  std::error_code written, error;
  if (fd) {
    written = kernel.Fsync(fd.value);
    if (needs_open) error = TakeDownOpen(kernel, fd.value, device);
    kernel.Close(fd.value);
  }
  if (!needs_open) error = TakeDownClosed(kernel, device);
  return IsWriteError(written) ? written : error;
}

}  // namespace

std::vector<Teardown> TakeDown(StageContext& context, const StorageGraph& graph,
                               const std::vector<BlockDevice>& devices, DeadDevices* dead) {
  DeviceLimits device_limits(context.kernel, graph);
  DeviceProgress progress(context, graph, "taking down");
  const auto errors = EachInChild(
      context.kernel,
      {.count = devices.size(),
       .limit = limits::kDisk,
       .limit_of = [&](std::size_t i) { return device_limits.Of(devices[i].number); },
       .call = [&](std::size_t i) { return TakeDownOne(context.kernel, devices[i]); },
       .timed_out =
           [&](std::size_t i) {
             const auto path = "/dev/" + devices[i].name;
             dead->Add(path, devices[i].file.empty() ? devices[i].label : devices[i].file, path);
           },
       .made_progress = [&](std::size_t i) { return progress.Made(devices[i].number); }});
  std::vector<Teardown> results;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const BlockDevice& device = devices[i];
    results.push_back({device, errors[i]});
    if (!errors[i]) context.report.Event("detached", {{"device", device.Title()}});
    if (IsWriteError(errors[i])) ReportLoss(context, DeviceText(graph, device), "", errors[i]);
  }
  return results;
}

}  // namespace curfew
