// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "kernel/result.h"

namespace curfew {

/// The prefix that `--root DIR` puts before every path: DIR without trailing slashes; for / in each
/// spelling "/.", because "" is the machine itself. errc::invalid_argument if DIR is empty:
/// `rc --root "$DIR" 0` with DIR unset must not be a shutdown.
Result<std::string> TreePrefix(std::string dir);

/// Follows every symbolic link of `path` below `root`, as chroot(2) would: an absolute target
/// begins at `root`, and ".." does not lead out of it. The last component may be missing.
/// errc::too_many_symbolic_link_levels after 40 links.
Result<std::string> ResolveBelow(const std::string& root, const std::string& path);

/// The same where an error does not matter: the path is then just put behind `root`.
inline std::string FileBelow(const std::string& root, const std::string& path) {
  const Result<std::string> real = ResolveBelow(root, path);
  return real ? real.value : root + path;
}

}  // namespace curfew
