// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace curfew {

/// The kernel command line; it counts as the last of the settings files.
inline constexpr char kCommandLine[] = "/proc/cmdline";

/// Reads the words for Curfew on the kernel command line: `concurrency=none`, `confirm`, `quiet`
/// and those that begin with "curfew." (curfew(5)). All other words are ignored. A bad value adds a
/// line to `warnings` and is ignored.
void ReadCommandLine(const std::string& text, Settings* settings,
                     std::vector<std::string>* warnings);

}  // namespace curfew
