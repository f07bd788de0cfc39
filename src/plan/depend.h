// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "plan/tree.h"

namespace curfew {

/// "name: deps": `name` begins only when each of `deps` has ended.
struct DependRule {
  std::string name;
  std::vector<std::string> deps;
};

/// The content of one .depend file as insserv writes it.
struct Depend {
  std::vector<std::string> targets;
  std::vector<std::string> interactive;
  std::vector<DependRule> rules;

  /// A file that names no service orders nothing; it counts as missing.
  bool Usable() const { return !targets.empty() || !rules.empty(); }
};

/// Reads lines of any length. A line that is neither TARGETS, INTERACTIVE, a rule, a comment nor
/// blank adds a warning and is ignored.
Depend ParseDepend(const TextFile& file, std::vector<std::string>* warnings);

}  // namespace curfew
