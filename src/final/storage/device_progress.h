// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "final/context/slow_wait.h"
#include "final/context/stage_context.h"
#include "final/storage/storage_graph.h"

namespace curfew {

/// Tells a slow device, which may take minutes, from one that does not answer. Progress is that the
/// device, or one that it stands on, has completed requests. Where no such device is known (NFS,
/// FUSE), it is that the machine has less left to write. In the last halt, where no rc shows what
/// is waited for, lines say so (SlowWait).
class DeviceProgress {
 public:
  /// `doing`: what the calls do, "syncing". Nothing counts as progress once FINAL_HARD has passed
  /// from now. Context and graph must live as long as this does; the graph may change.
  DeviceProgress(StageContext& context, const StorageGraph& graph, const char* doing)
      : context_(context),
        graph_(graph),
        doing_(doing),
        end_(context.kernel.Now() + context.request.settings.final_hard) {}

  /// All file systems together, in the place of a device.
  static constexpr const char* kAll = "all";

  /// Whether `device` ("8:2") has made progress since the last call for it; the first call returns
  /// false. Passes progress on to the dead-man.
  bool Made(const std::string& device);

 private:
  struct Sample {
    std::string completed;
    std::uint64_t unwritten;          ///< KiB: the least so far.
    std::chrono::microseconds asked;  ///< When Made() was last called.
    SlowWait wait;
  };

  std::string Completed(const std::string& device) const;
  std::string NameOf(const std::string& device) const;
  void TellWait(const std::string& device, std::uint64_t unwritten, Sample* sample) const;

  StageContext& context_;
  const StorageGraph& graph_;
  const char* doing_;
  std::chrono::microseconds end_;
  std::map<std::string, Sample> samples_;
};

}  // namespace curfew
