// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "final/context/stage_context.h"
#include "final/storage/mountinfo.h"

namespace curfew {

/// What hooks leave writable: a / that one has remounted, a disk that one has mounted, here or in a
/// mount namespace where a process of it lives on. Costs one read of mountinfo before the first
/// hook and one after each, and at last one look at sysfs.
class LeftWritable {
 public:
  explicit LeftWritable(StageContext& context)
      : context_(context), before_(Read()), now_(before_) {}

  /// Looks at the mounts after this hook.
  void Look(const std::string& hook);

  /// After the last hook: names what is writable and was not before. Returns whether the stages
  /// that make disks safe have to run again; then all that was mounted before the hooks, and is as
  /// it was, is settled (settled_mounts.h).
  bool Tell();

 private:
  struct Left {
    std::string target;
    std::string hook;
  };

  std::string Read() { return context_.kernel.Read("/proc/self/mountinfo").value; }
  std::vector<Mount> Opened();
  bool TellHidden();
  bool LivingDiskIsWritable();

  StageContext& context_;
  const std::string before_;  ///< The text of mountinfo; empty: it could not be read.
  std::string now_;
  std::map<std::string, Left> left_;  ///< By device.
};

}  // namespace curfew
