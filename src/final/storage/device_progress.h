// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "final/context/stage_context.h"
#include "final/storage/storage_graph.h"

namespace curfew {

/// Tells a slow device, which may take minutes, from one that does not answer. Progress is that the
/// device, or one that it stands on, has completed requests. Where no such device is known (NFS,
/// FUSE), it is that the machine has less left to write. In the last halt, where no rc shows what
/// is waited for, a line says so after 3 s.
class DeviceProgress {
 public:
  /// Nothing counts as progress once FINAL_HARD has passed from now. Both must live as long as this
  /// does; the graph may change.
  DeviceProgress(StageContext& context, const StorageGraph& graph)
      : context_(context),
        graph_(graph),
        end_(context.kernel.Now() + context.request.settings.final_hard) {}

  /// Whether `device` ("8:2") has made progress since the last call for it; the first call returns
  /// false. Passes progress on to the dead-man.
  bool Made(const std::string& device);

 private:
  struct Sample {
    std::string completed;
    std::uint64_t unwritten;          ///< KiB: the least so far.
    std::chrono::microseconds begun;  ///< When this wait began.
    std::chrono::microseconds asked;  ///< When Made() was last called.
    bool told = false;                ///< That it is waited for.
  };

  std::string Completed(const std::string& device) const;
  void TellWait(const std::string& device, Sample* sample) const;

  StageContext& context_;
  const StorageGraph& graph_;
  std::chrono::microseconds end_;
  std::map<std::string, Sample> samples_;
};

}  // namespace curfew
