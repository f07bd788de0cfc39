// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fcntl.h>
#include <unistd.h>

namespace curfew {

/// The flags to open a terminal for reading keys: not as the controlling terminal, and without
/// waiting for a carrier. Open it anew: O_NONBLOCK on an inherited description is shared.
constexpr int kTerminalFlags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;

/// Whether rc runs in the background of a shell with job control. Reading from the terminal would
/// then stop rc (SIGTTIN).
inline bool InBackground(int terminal) {
  const pid_t group = tcgetpgrp(terminal);
  return group > 0 && group != getpgrp();
}

}  // namespace curfew
