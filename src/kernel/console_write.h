// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <string_view>

namespace curfew {

/// write(2) to a descriptor with O_NONBLOCK, also where that is /dev/console and TIOCCONS has sent
/// it to another terminal, as bootlogd does: O_NONBLOCK does not count then (redirected_tty_write()
/// in drivers/tty/tty_io.c), and a reader that hangs would hold up the writer for ever. SIGALRM
/// ends such a write after 0.1 s: EAGAIN. The signal must not be blocked.
ssize_t WriteConsole(int fd, std::string_view text);

}  // namespace curfew
