// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "plan/plan.h"

namespace curfew {

/// The LSB headers of scripts, by Script::path.
using Headers = std::map<std::string, std::string>;

/// From "### BEGIN INIT INFO" to "### END INIT INFO", as it is written; empty if one is missing.
std::string HeaderBlock(std::string_view script);

/// Those of the plan's scripts, read below `root` ("" for the machine itself). Reads files, so it
/// is for before the loop turns.
Headers ReadHeaderBlocks(const std::string& root, const Plan& plan);

}  // namespace curfew
