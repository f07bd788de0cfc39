// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "final/storage/storage_graph.h"

/// What a file system has yet to write and has written, as far as the kernel tells.
namespace curfew {

struct Unwritten {
  std::uint64_t kib = 0;
  /// Whose pages these are. Of a disk with several file systems the kernel counts all in one.
  enum { kOwn, kDisk, kMachine } whose = kMachine;
  std::string disk{};  ///< The name of that disk: "sdb".
};

/// What is left for the file system `device` ("8:17"): the figure of its disk in debugfs, else that
/// of the machine (UnwrittenKib()).
Unwritten UnwrittenOf(Files& files, const StorageGraph& graph, const std::string& device);

/// KiB that the devices of `device` have been told to write since the boot: of a partition its own.
/// Only the growth says something. Nothing: the kernel counts none, as for servers.
std::optional<std::uint64_t> WrittenKib(Files& files, const StorageGraph& graph,
                                        const std::string& device);

/// Mounts debugfs where it is missing, for UnwrittenOf(). It holds no data, and a kernel that
/// refuses it leaves only the machine's figure.
void EnsureDebugfs(Kernel& kernel);

}  // namespace curfew
