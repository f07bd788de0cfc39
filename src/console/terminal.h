// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace curfew {

/// The flags to open a terminal for reading keys: not as the controlling terminal, and without
/// waiting for a carrier. Open it anew: O_NONBLOCK on an inherited description is shared.
constexpr int kTerminalFlags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;

/// The number of the terminal itself: /dev/console and /dev/tty0 have numbers of their own. 0:
/// none.
inline dev_t TerminalDevice(int terminal) {
  unsigned device = 0;
  if (ioctl(terminal, TIOCGDEV, &device) == 0) return device;
  struct stat info {};
  return fstat(terminal, &info) == 0 ? info.st_rdev : 0;
}

/// Whether `fd` is a terminal that obeys escape sequences. init sets TERM for what it starts.
inline bool CanErase(int fd) {
  const char* term = getenv("TERM");
  return isatty(fd) && term && *term && std::string_view(term) != "dumb";
}

/// Whether rc runs in the background of a shell with job control. Reading from the terminal would
/// then stop rc (SIGTTIN).
inline bool InBackground(int terminal) {
  const pid_t group = tcgetpgrp(terminal);
  return group > 0 && group != getpgrp();
}

}  // namespace curfew
