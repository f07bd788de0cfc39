// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace curfew {

/// The pid files below /run and /var/run that the text of an init script names: in a "# pidfile:"
/// line, in an assignment such as PIDFILE=/run/$NAME.pid, or as an argument. Variables are replaced
/// by what the script assigns to them in plain words; a path that needs more than that is left out.
/// A path outside /run is left out, too: it may be on a server that does not answer.
std::vector<std::string> PidFilesIn(std::string_view script);

}  // namespace curfew
