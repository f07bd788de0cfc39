// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace curfew {

/// Why the kernel would refuse to run the script `path` of the tree below `root`, as far as its
/// file and that of its interpreter show: "not executable". Empty: it can run. The interpreter is
/// the one of this machine, as for rc, which changes no root.
std::string WhyCannotRun(const std::string& root, const std::string& path);

}  // namespace curfew
