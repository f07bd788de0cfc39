// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "final/context/stage_context.h"
#include "final/storage/mountinfo.h"

namespace curfew {

/// The devices that have missed a limit in this shutdown. Each costs one limit in all: the file
/// remembers them from one stage to the next, and no stage waits for one of them again.
class DeadDevices {
 public:
  /// One "DEVICE TARGET" a line, blanks as in mountinfo.
  static constexpr char kPath[] = "/run/curfew/dead";

  /// Those that are known. Outside of level 0 and 6 there is no file, and a stage has its own.
  explicit DeadDevices(StageContext& context);

  bool Empty() const { return targets_.empty(); }
  /// `device` is "8:2" as in mountinfo, or the path of a swap area or of a loop device.
  bool Contains(const std::string& device) const { return targets_.contains(device); }
  /// Whether `path` is on one of them.
  bool Carry(std::string_view path) const;

  /// Remembers a device, without a word to people; whether it is new.
  bool Remember(const std::string& device, const std::string& target);
  /// Remembers a device and says so, once.
  void Add(const std::string& device, const std::string& target, const std::string& name) {
    if (Remember(device, target))
      context_.report.Say(name + " (" + target + ") does not answer; it is left alone");
  }
  void Add(const Mount& mount) { Add(mount.device, mount.target, mount.source); }

 private:
  StageContext& context_;
  std::map<std::string, std::string> targets_;  ///< By device.
};

}  // namespace curfew
