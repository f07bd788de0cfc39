// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/files.h"

namespace curfew {

/// Bytes of a pid file that are read.
inline constexpr std::size_t kLongestPidFile = 4096;

/// The pid files below /run and /var/run that the text of an init script names: in a "# pidfile:"
/// line, in an assignment such as PIDFILE=/run/$NAME.pid, or behind --pidfile or -p. Variables are
/// replaced by what the script assigns to them in plain words; a path that needs more than that is
/// left out. A path outside /run is left out, too: it may be on a server that does not answer.
std::vector<std::string> PidFilesIn(std::string_view script);

/// The paths of the pid files that a service may have: those that its script names, and by its name
/// /run/NAME.pid and /run/NAME/*.pid. `script` is a path; all paths are below `root`. Reads a
/// script whose disk may hang.
std::vector<std::string> PidFilesOf(Files& files, const std::string& root,
                                    const std::string& service, const std::string& script);

}  // namespace curfew
