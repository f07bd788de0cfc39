// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

#include "kernel/kernel.h"

namespace curfew {

/// The level the machine is in ('0' to '6', 'S'), found as sysvinit 3.06 does: RUNLEVEL if init
/// started us (INIT_VERSION is set), else the level record in utmp, else /run/runlevel. '\0':
/// nobody knows. `environment` is getenv(3).
char Runlevel(Kernel& kernel, const std::function<const char*(const char*)>& environment);

/// Whether a level is the end of the machine.
inline bool IsFinalLevel(char level) {
  return level == '0' || level == '6';
}

}  // namespace curfew
