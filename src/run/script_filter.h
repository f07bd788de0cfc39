// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace curfew {

/// From here on two calls of this process, and of all that it starts, fail with EPERM, as they do
/// for a process without privileges:
/// - kill(-1, SIGKILL), or SIGSTOP, would end or stop rc, its stub and the dead-man along with the
///   services, and leave a machine that nothing ends. killall5 stops all others while it looks for
///   its targets; now it looks while they run.
/// - ioctl(TIOCSTI) would let what a script runs as another user type Ctrl-C on rc's terminal.
/// Without CAP_SYS_ADMIN, or where the kernel has no seccomp, nothing happens.
///
/// Async-signal-safe.
void FilterCalls();

}  // namespace curfew
