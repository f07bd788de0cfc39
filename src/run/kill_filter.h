// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace curfew {

/// From here on kill(-1, SIGKILL) of this process and of all that it starts fails with EPERM, as to
/// a process that may signal nobody. It would end rc, its stub and the dead-man along with the
/// services, and leave a machine that nothing ends. Nothing else changes: not even killall5 makes
/// this call. Without CAP_SYS_ADMIN, or where the kernel has no seccomp, nothing happens.
///
/// Async-signal-safe.
void RefuseKillAll();

}  // namespace curfew
