// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/fuse.h"

#include <cstdio>
#include <string>

#include "config/limits.h"
#include "kernel/in_child.h"

namespace curfew {
namespace {

constexpr const char* kConnections = "/sys/fs/fuse/connections";

/// The kernel names a connection by its device number in one piece: 20 bits of it are the minor.
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
    // Nobody has mounted the file system of the connections.
    kernel.Mount("fusectl", kConnections, "fusectl", 0, "");
    return kernel.Write(path, "1");
  });
}

}  // namespace curfew
