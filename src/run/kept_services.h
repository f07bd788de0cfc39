// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"
#include "kernel/kernel.h"

namespace curfew {

/// Makes the kill stage spare the daemons of the services with KILL="no", with what descends from
/// them, until the last halt: each of their pid files gets a link in /run/sendsigs.omit.d, which
/// Debian's own sendsigs reads as well. Removes the links of an earlier change of level. `init_d`:
/// the directory of the scripts; all paths are below `root`. Returns a line for people of each
/// service without a pid file. Scripts and pid files are read in a child.
std::vector<std::string> KeepServices(Kernel& kernel, const std::string& root,
                                      const std::string& init_d, const Settings& settings);

}  // namespace curfew
