// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/ioctl.h>
#include <sys/resource.h>

#include <string>
#include <vector>

#include "plan/request.h"

namespace curfew {

/// rc's own environment, with what Debian's rc sets for the scripts and for halt (sysv-rc 3.06,
/// /lib/init/rc). A `size` of all zero is not known.
std::vector<std::string> ScriptEnvironment(const LevelChange& change, const winsize& size);

/// RLIMIT_NOFILE of the scripts: `inherited`, rc's own before rc raised it. One below 64, with
/// which a shell may not even open its script (dash moves it above 10), becomes the kernel's
/// default.
rlimit ScriptDescriptors(const rlimit& inherited);

}  // namespace curfew
