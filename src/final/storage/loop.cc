// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/loop.h"

#include <fcntl.h>
#include <linux/loop.h>

#include <algorithm>

#include "config/limits.h"
#include "final/storage/device_progress.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

/// LOOP_CLR_FD returns 0 for a busy device as well. ENXIO from LOOP_GET_STATUS64 proves that the
/// device is free.
std::error_code Detach(Kernel& kernel, const std::string& name) {
  auto fd = kernel.Open("/dev/" + name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (!fd) return fd.error;
  kernel.Fsync(fd.value);
  kernel.Ioctl(fd.value, LOOP_CLR_FD, nullptr);
  loop_info64 info{};
  auto status = kernel.Ioctl(fd.value, LOOP_GET_STATUS64, &info);
  kernel.Close(fd.value);
  const bool free = status.error == std::errc::no_such_device_or_address;
  return free ? std::error_code() : std::make_error_code(std::errc::device_or_resource_busy);
}

}  // namespace

std::vector<Loop> AttachedLoops(Kernel& kernel) {
  std::vector<Loop> attached;
  for (const auto& name : kernel.List("/sys/block").value) {
    if (!name.starts_with("loop")) continue;
    const auto text = kernel.Read("/sys/block/" + name + "/loop/backing_file").value;
    const auto file = FirstLine(text);
    if (!file.empty()) attached.push_back({name, std::string(file)});
  }
  return attached;
}

void DetachLoops(StageContext& context, const std::vector<Loop>& loops, DeadDevices* dead) {
  DeviceProgress progress(context);
  EachInChild(context.kernel,
              {.count = loops.size(),
               .limit = limits::kDisk,
               .call = [&](std::size_t i) { return Detach(context.kernel, loops[i].name); },
               .timed_out =
                   [&](std::size_t i) {
                     const auto device = "/dev/" + loops[i].name;
                     dead->Add(device, loops[i].file, device);
                   },
               .made_progress = [&](std::size_t i) { return progress.Made(loops[i].name); }});
}

}  // namespace curfew
