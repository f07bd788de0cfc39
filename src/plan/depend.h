// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace curfew {

/// "name: deps": `name` begins only when each of `deps` has ended.
struct DependRule {
  std::string name;
  std::vector<std::string> deps;
};

/// The content of one .depend file as insserv writes it.
struct Depend {
  std::string path;   ///< below the root; warnings name it
  bool empty = true;  ///< the file is missing or has no text
  std::vector<std::string> targets;
  std::vector<std::string> interactive;
  std::vector<DependRule> rules;
  std::vector<std::string> warnings;

  /// A file that names no service orders nothing; it counts as missing.
  bool Usable() const { return !targets.empty() || !rules.empty(); }
};

/// Parses lines of any length. A line that is neither TARGETS, INTERACTIVE, a rule, a comment nor
/// blank adds a warning and is ignored.
Depend ParseDepend(std::string path, std::string_view text);

}  // namespace curfew
