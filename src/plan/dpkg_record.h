// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/kernel.h"
#include "kernel/result.h"

namespace curfew {

/// A configuration file as dpkg has installed it.
struct Conffile {
  std::string path;
  std::string md5;  ///< of its bytes
};

/// Those of `paths` that dpkg's status file names in the Conffiles field of a package that has
/// shipped scripts which native stages replace. A path that went from one package to another may
/// come twice. What another package ships below these names, by a diversion, is not Debian's own.
std::vector<Conffile> ParseConffiles(std::string_view status, const std::set<std::string>& paths);

/// The same of /var/lib/dpkg/status below `root`. A child reads the file, which may lie on a disk
/// that does not answer: limits::kDpkgRecord. errc::file_too_large above 32 MiB.
Result<std::vector<Conffile>> ReadConffiles(Kernel& kernel, const std::string& root,
                                            const std::set<std::string>& paths);

}  // namespace curfew
