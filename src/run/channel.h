// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/ioctl.h>

#include "kernel/fd.h"
#include "kernel/result.h"

namespace curfew {

/// The way a script's output comes to us: a pty of its own, so that programs write line by line
/// and the script has a name in who(1); a pipe where there is no /dev/pts yet.
struct Channel {
  Fd ours;    ///< read end, non-blocking; the end of a pty reads as EIO, not as 0
  Fd theirs;  ///< becomes the script's stdout and stderr
  bool pty = false;
};

/// `size` is the console's; all zero means unknown.
Result<Channel> OpenChannel(const winsize& size);

}  // namespace curfew
