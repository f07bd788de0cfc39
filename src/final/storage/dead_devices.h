// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "final/context/stage_context.h"
#include "final/storage/mountinfo.h"
#include "final/storage/storage_graph.h"
#include "kernel/run_files.h"

namespace curfew {

/// The devices that have missed a limit in this shutdown. A file passes the list from one stage to
/// the next, and no stage waits for one of these devices again: each costs one limit in all.
class DeadDevices {
 public:
  /// The file: one "DEVICE TARGET" a line, blanks escaped as in mountinfo.
  static constexpr const char* kPath = run_files::kDead;

  /// Reads the file. Outside a shutdown there is none, and each stage begins with an empty list.
  explicit DeadDevices(StageContext& context);

  bool Empty() const { return targets_.empty(); }
  /// `device`: "8:2" as in mountinfo, or the path of a swap area or of a loop device.
  bool Contains(const std::string& device) const { return targets_.contains(device); }
  /// Whether `path` is on a file system of one of them: one of `graph`, or one that is not mounted
  /// there any more, because a dead server's is forced off.
  bool Carry(const StorageGraph& graph, std::string_view path) const;
  /// Whether swapoff(2) of the area would wait for one of them.
  bool Carry(const StorageGraph& graph, const SwapArea& area) const;

  /// Mount points, by device; that of a swap area is "swap".
  const std::map<std::string, std::string>& Targets() const { return targets_; }

  /// Adds a device. Reports nothing to people. Returns whether it is new.
  bool Remember(const std::string& device, const std::string& target);
  /// Takes a device off the list: it has answered.
  void Forget(const std::string& device);
  /// Adds a device and reports it under `name` if it is new.
  void Add(const std::string& device, const std::string& target, const std::string& name) {
    if (Remember(device, target))
      context_.report.Say(name + " (" + target + ") does not answer; it is left alone");
  }
  void Add(const Mount& mount) { Add(mount.device, mount.target, mount.source); }

 private:
  StageContext& context_;
  std::map<std::string, std::string> targets_;
};

}  // namespace curfew
