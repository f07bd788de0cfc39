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

/// Reads plain assignments as sh would read them, without a shell: '..', "..", backslash, comments,
/// `export`, several on one line, values over several lines. What needs a shell (expansions,
/// commands) is not evaluated: that line adds "FILE:LINE: ..." to `warnings` and is skipped.
/// `file` only names the source in warnings.
std::vector<Assignment> ParseAssignments(const std::string& file, std::string_view text,
                                         std::vector<std::string>* warnings);

}  // namespace curfew
