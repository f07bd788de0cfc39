// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "kernel/result.h"

namespace curfew {

/// The prefix that `--root DIR` puts before every path: DIR without trailing slashes, and "/." for
/// / in each spelling, since "" is the machine itself. errc::invalid_argument where DIR is empty:
/// `rc --root "$DIR" 0` with DIR unset must not be a shutdown.
Result<std::string> TreePrefix(std::string dir);

/// `path` below `root` with every symbolic link followed inside `root`, as chroot(2) would: an
/// absolute target begins at `root`, ".." does not lead out of it. A last component that is missing
/// is no error. errc::too_many_symbolic_link_levels after 40 links.
Result<std::string> ResolveBelow(const std::string& root, const std::string& path);

}  // namespace curfew
