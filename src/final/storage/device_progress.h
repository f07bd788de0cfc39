// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "final/context/stage_context.h"
#include "kernel/writeback.h"

namespace curfew {

/// Tells an honest slow device, which may take minutes, from one that does not answer: it counts
/// what a disk has completed (sysfs), and what the machine still has to write, which is all that
/// shows where the disk is behind something else (NFS, FUSE, btrfs, a loop).
class DeviceProgress {
 public:
  /// FINAL_HARD from now on nothing counts as progress.
  explicit DeviceProgress(StageContext& context)
      : context_(context), end_(context.kernel.Now() + context.request.settings.final_hard) {}

  /// Whether `device` ("8:2") has made progress since this was last asked about it, false at
  /// first. The dead-man hears of progress, too.
  bool Made(const std::string& device);

 private:
  struct Sample {
    std::string completed;
    std::uint64_t unwritten;  ///< The least that was seen.
  };

  StageContext& context_;
  std::chrono::microseconds end_;
  std::map<std::string, Sample> samples_;
};

}  // namespace curfew
