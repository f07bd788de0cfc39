// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/fuse.h"

#include <cstdio>
#include <string>

#include "config/limits.h"
#include "final/storage/mount_calls.h"
#include "final/storage/mount_plan.h"
#include "kernel/in_child.h"

namespace curfew {
namespace {

constexpr const char* kConnections = "/sys/fs/fuse/connections";

/// The kernel names a connection by its device number; the minor has 20 bits of it.
std::string ConnectionOf(const Mount& mount) {
  unsigned major = 0, minor = 0;
  std::sscanf(mount.device.c_str(), "%u:%u", &major, &minor);
  return std::to_string(major << 20 | minor);
}

}  // namespace

bool IsFuse(const Mount& mount) {
  return mount.type == "fuse" || mount.type == "fuseblk" || mount.type.starts_with("fuse.");
}

std::error_code AbortFuse(Kernel& kernel, const Mount& mount) {
  const auto path = std::string(kConnections) + "/" + ConnectionOf(mount) + "/abort";
  return InChild(kernel, limits::kFuseAbort, [&] {
    auto error = kernel.Write(path, "1");
    if (error != std::errc::no_such_file_or_directory) return error;
    // The file system of the connections is not mounted. The write tells whether it is now.
    (void)kernel.Mount("fusectl", kConnections, "fusectl", 0, "");
    return kernel.Write(path, "1");
  });
}

bool UnmountFuse(Kernel& kernel) {
  auto mounts = Unmountable(ReadMounts(kernel));
  std::erase_if(mounts, [](const Mount& mount) { return !IsFuse(mount); });
  // What stays mounted is a later stage's.
  (void)EachInChild(kernel,
                    {.count = mounts.size(),
                     .limit = limits::kFuseUnmount,
                     .call = [&](std::size_t i) { return Unmount(kernel, mounts[i]); },
                     .resource = [&](std::size_t i) { return mounts[i].device; },
                     .timed_out = [&](std::size_t i) { (void)AbortFuse(kernel, mounts[i]); }});
  return !mounts.empty();
}

}  // namespace curfew
