// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"

namespace curfew {

/// A Debian script that a native stage replaces while the script is unchanged.
struct NativeStage {
  std::string_view service;
  std::string_view levels;  ///< in which it is replaced
  ScriptKind kind;          ///< kNativeStage or kHandOver
  std::string_view stages;  ///< for `halt --stage`
};

/// The row of the table for `service` in `level`; nullptr if there is none.
const NativeStage* FindNativeStage(std::string_view service, std::string_view level);

/// Whether NATIVE= lets a native stage replace `service`.
bool IsNative(const Settings& settings, std::string_view service);

/// The argv of the halt that ends level 0 or 6. It has the options that Debian's halt and reboot
/// scripts pass (initscripts 3.06), except for two that halt itself decides: -d, from what is
/// recorded already, and no -h while a RAID is active. `kexec`: the level has Debian's kexec
/// service, which restarts through a loaded kernel.
std::vector<std::string> HandOver(const Request& request, const Settings& settings, bool kexec);

}  // namespace curfew
