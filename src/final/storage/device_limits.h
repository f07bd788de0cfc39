// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "final/storage/storage_graph.h"

namespace curfew {

/// How long a call on a device may take without progress: longer than the kernel itself waits for a
/// command of the slowest disk below it.
class DeviceLimits {
 public:
  /// Both must live as long as this does.
  DeviceLimits(Files& files, const StorageGraph& graph) : files_(files), graph_(graph) {}

  /// `number`: "8:2". limits::kDisk for what stands on no disk, and below a suspended device of
  /// device mapper, which nobody will resume.
  std::chrono::milliseconds Of(const std::string& number);

 private:
  std::chrono::milliseconds Find(const std::string& number) const;
  std::chrono::milliseconds CommandTimeout(const std::string& name) const;

  Files& files_;
  const StorageGraph& graph_;
  std::map<std::string, std::chrono::milliseconds> known_;
};

}  // namespace curfew
