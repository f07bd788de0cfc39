// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "final/context/stage_context.h"

namespace curfew {

/// Tells a slow device, which may take minutes, from one that does not answer. Progress is that the
/// device has completed requests, or that the machine has less left to write: the latter is all
/// that can be seen where a device stands behind something else (NFS, FUSE, btrfs, a loop device).
class DeviceProgress {
 public:
  /// Nothing counts as progress once FINAL_HARD has passed from now.
  explicit DeviceProgress(StageContext& context)
      : context_(context), end_(context.kernel.Now() + context.request.settings.final_hard) {}

  /// Whether `device` ("8:2") has made progress since the last call for it; the first call returns
  /// false. Passes progress on to the dead-man.
  bool Made(const std::string& device);

 private:
  struct Sample {
    std::string completed;
    std::uint64_t unwritten;  ///< KiB: the least so far.
  };

  StageContext& context_;
  std::chrono::microseconds end_;
  std::map<std::string, Sample> samples_;
};

}  // namespace curfew
