// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/ioctl.h>

#include <string>

#include "kernel/fd.h"
#include "kernel/result.h"

namespace curfew {

/// How a script's output comes to rc: through a pty, so that programs write line by line and the
/// script has a name in who(1), or through a pipe where there is no /dev/pts yet.
struct Channel {
  Fd ours;    ///< read end, non-blocking; at its end a pty returns EIO, a pipe 0
  Fd theirs;  ///< becomes the script's stdout and stderr
  bool pty = false;
};

/// `size` is the console's; all zero means unknown.
Result<Channel> OpenChannel(const winsize& size);

/// Puts the pty of a slow script into utmp, under `name` in the place of a host: who(1) shows
/// "rc0:K02cups", and last(1) shows after the next boot how long the script took. `master` is the
/// pty's master. The entry goes when the descriptor that is returned is closed, or rc ends; without
/// an entry it is empty.
///
/// libutempter waits for its setgid helper, and the helper for /var. So an orphan makes both calls,
/// and lives as long as the entry: who(1) hides entries of dead processes.
Fd AddUtmpEntry(int master, const std::string& name);

}  // namespace curfew
