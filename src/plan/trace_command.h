// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace curfew {

/// The command that runs a script by the shell of its "#!" line with -x, without the script:
/// {"/bin/bash", "-x", "-e"}. Without such a line /bin/sh. Empty: what runs the script is no shell.
/// `script`: at least its first line.
std::vector<std::string> TraceCommand(std::string_view script);

/// What runs the script, by its first line: "#!/usr/bin/env perl" gives "perl". Empty without one.
std::string Interpreter(std::string_view script);

}  // namespace curfew
