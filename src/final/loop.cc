// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/loop.h"

#include <fcntl.h>
#include <linux/loop.h>

#include "final/each_in_child.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLimit{10000};

/// 0, or an errno. LOOP_CLR_FD answers 0 for a busy device, too, and only marks it: that it is free
/// is proved by ENXIO from LOOP_GET_STATUS64.
int Detach(Kernel& kernel, const std::string& name) {
  auto fd = kernel.Open("/dev/" + name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (!fd) return fd.error.value();
  kernel.Fsync(fd.value);
  kernel.Ioctl(fd.value, LOOP_CLR_FD, nullptr);
  loop_info64 info{};
  auto status = kernel.Ioctl(fd.value, LOOP_GET_STATUS64, &info);
  kernel.Close(fd.value);
  return status.error == std::errc::no_such_device_or_address ? 0 : EBUSY;
}

}  // namespace

std::vector<std::string> AttachedLoops(Kernel& kernel) {
  std::vector<std::string> attached;
  for (const auto& name : kernel.List("/sys/block").value)
    if (name.starts_with("loop") && kernel.Read("/sys/block/" + name + "/loop/backing_file"))
      attached.push_back(name);
  return attached;
}

void DetachLoops(StageContext& context, const std::vector<std::string>& loops,
                 std::set<std::string>* dead) {
  EachInChild(
      context.kernel, loops.size(), kLimit,
      [&](std::size_t i) {
        return dead->contains(loops[i]) ? EBUSY : Detach(context.kernel, loops[i]);
      },
      [&](std::size_t i) {
        dead->insert(loops[i]);
        context.report.Say("/dev/" + loops[i] + " does not answer; it is left alone");
      });
}

}  // namespace curfew
