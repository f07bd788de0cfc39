// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

namespace curfew {

/// The names most like a mistyped `name`, the likeliest first, at most three: one or two slips
/// away, or one holds the other. None is longer than a file's name can be.
std::vector<std::string> Similar(const std::string& name, const std::set<std::string>& names);

}  // namespace curfew
