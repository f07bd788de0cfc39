// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace curfew {

/// One NAME=VALUE of a shell-style file, quotes removed.
struct Assignment {
  std::string name;
  std::string value;
  int line = 0;
};

/// Reads plain assignments as sh does, without a shell: '..', "..", backslash, comments, `export`,
/// several on one line, values over several lines. A line that needs a shell (expansions, commands)
/// is skipped and adds "FILE:LINE: ..." to `warnings`, for which `file` is the name.
std::vector<Assignment> ParseAssignments(const std::string& file, std::string_view text,
                                         std::vector<std::string>* warnings);

}  // namespace curfew
