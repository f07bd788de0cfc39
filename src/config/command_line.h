// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace curfew {

/// The kernel's own words since boot; the last of the settings files.
inline constexpr char kCommandLine[] = "/proc/cmdline";

/// What the kernel command line says to Curfew: `concurrency=none`, `confirm`, `quiet` and the keys
/// that begin with "curfew." (curfew(5)). All other words are somebody else's. A bad value adds a
/// line to `warnings` and is ignored.
void ReadCommandLine(const std::string& text, Settings* settings,
                     std::vector<std::string>* warnings);

}  // namespace curfew
