// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fcntl.h>
#include <unistd.h>

namespace curfew {

/// How a terminal is opened to read keys: as no controlling one, without waiting for a carrier, and
/// as a description of its own, because O_NONBLOCK on an inherited one would be everybody's.
constexpr int kTerminalFlags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;

/// Whether a shell with job control has rc in its background: to read there would stop the whole of
/// rc (SIGTTIN).
inline bool InBackground(int terminal) {
  const pid_t group = tcgetpgrp(terminal);
  return group > 0 && group != getpgrp();
}

}  // namespace curfew
