// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "kernel/result.h"

namespace curfew {

/// `path` below `root` with every symbolic link followed inside `root`, as chroot(2) would: an
/// absolute target begins at `root`, ".." does not lead out of it. A last component that is missing
/// is no error. errc::too_many_symbolic_link_levels after 40 links.
Result<std::string> ResolveBelow(const std::string& root, const std::string& path);

}  // namespace curfew
