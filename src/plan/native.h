// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"

namespace curfew {

/// A Debian script that Curfew replaces while it is unchanged.
struct NativeStage {
  std::string_view service;
  std::string_view levels;            ///< where it is replaced
  ScriptKind kind;                    ///< kNativeStage or kHandOver
  std::string_view stages;            ///< for `halt --stage`
  std::vector<std::string_view> md5;  ///< the stock versions
};

/// The table's row for `service` in `level`; nullptr if nothing replaces it there.
const NativeStage* FindNativeStage(std::string_view service, std::string_view level);

/// The argv of the halt that ends level 0 or 6, as Debian's halt and reboot scripts would put it
/// together (I/halt, I/reboot), save for two things that halt itself knows at the end: what is
/// recorded already (-d), and whether a RAID is active (no -h). `kexec`: the
/// level has Debian's kexec service, which restarts through a kernel that is loaded.
std::vector<std::string> HandOver(const Request& request, const Settings& settings, bool kexec);

}  // namespace curfew
