// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/fd.h"

namespace curfew {

/// How a line of the script `name` is shown.
using LineText = std::string (*)(std::string_view name, std::string_view line);

/// The output of one script that outlives rc.
struct OpenOutput {
  std::string name;  ///< prefix of its lines
  Fd output;
};

/// Leaves a process behind that reads on where rc stops, until every daemon has closed its output:
/// without it a daemon that writes to its script's pty would get EIO, or block on a full buffer.
/// Lines go to rc's stderr if that is a terminal, nowhere otherwise: a pipe would never end.
void LeaveDrain(std::vector<OpenOutput> outputs, LineText text);

}  // namespace curfew
