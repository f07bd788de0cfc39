// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "final/context/slow_wait.h"
#include "final/context/stage_context.h"
#include "final/storage/storage_graph.h"
#include "final/storage/unwritten.h"

namespace curfew {

/// Tells a slow device, which may take minutes, from one that does not answer. Progress is that the
/// device, or one that it stands on, has completed requests. Where no such device is known (NFS,
/// FUSE), it is that the machine has less left to write. Lines say what is waited for (SlowWait),
/// how much of it is written and left, and how long the rest takes at this pace.
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
    /// Of the call that runs, at its first look: written to the device, and left for it, KiB.
    std::optional<std::uint64_t> written_before{};
    std::optional<std::uint64_t> left_before{};
    std::chrono::microseconds before{0};
  };

  std::string Completed(const std::string& device) const;
  std::string NameOf(const std::string& device) const;
  void Begin(const std::string& device, std::chrono::microseconds now, Sample* sample);
  void TellWait(const std::string& device, Sample* sample);
  std::string Done(const std::string& device, const Sample& sample) const;
  std::string Left(const std::string& device, const Sample& sample) const;
  Unwritten LeftOf(const std::string& device) const;

  StageContext& context_;
  const StorageGraph& graph_;
  const char* doing_;
  std::chrono::microseconds end_;
  bool looked_for_figures_ = false;
  std::map<std::string, Sample> samples_;
};

}  // namespace curfew
