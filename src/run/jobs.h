// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "config/settings.h"
#include "kernel/files.h"

namespace curfew {

/// JOBS, the scripts that run at the same time. "auto" is one per 8 MB of free memory, 256 at the
/// most: enough to keep every sleeping stop going, too few to push a full machine into swap. Load
/// and terminals play no part.
int JobsOf(const Settings& settings, Files& files, const std::string& root);

}  // namespace curfew
