// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "run/event.h"

namespace curfew {

/// The script that a run waits for, on one line, names escaped:
/// "[17/23] stopping cups 14 s, usually 12 s, 76 s left: cupsd[812] D nfs_wait_bit_killable; and 2
/// more".
std::string StatusLine(const Waiting& waiting);

/// The same for a terminal of `columns`, with `hint` if all of it fits, too. What does not fit is
/// missed in this order: the hint, the end of the process, who else runs, how long it usually
/// takes, the end of the rest. The last column stays free: a full line would wrap, and the terminal
/// could not erase it. A character that is not ASCII counts as two columns: some are that wide.
std::string FittedStatus(const Waiting& waiting, std::string_view hint, size_t columns);

/// When a console that cannot erase shows the status: at the first Waiting for a script, and then
/// each 10 s that the script runs.
class StatusIntervals {
 public:
  bool IsDue(const Waiting& waiting);

 private:
  const Script* script_ = nullptr;
  std::chrono::seconds next_{0};
};

}  // namespace curfew
