// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

#include "kernel/kernel.h"

namespace curfew {

/// The level that the machine is in ('0' to '6', 'S'), found as sysvinit 3.06 finds it: RUNLEVEL if
/// INIT_VERSION is set, which means that init started this process, else the level record in utmp,
/// else /run/runlevel. '\0' if none of them tells it. `environment` is getenv(3).
char Runlevel(Kernel& kernel, const std::function<const char*(const char*)>& environment);

/// Whether the machine ends in this level.
inline bool IsFinalLevel(char level) {
  return level == '0' || level == '6';
}

}  // namespace curfew
