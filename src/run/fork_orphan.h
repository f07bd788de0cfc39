// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <vector>

namespace curfew {

/// Forks a child that is cut off from rc: in a process group of its own, signals at their defaults
/// but for SIGTTOU, which is ignored, no descriptor but `keep`, and /dev/null as 0 to 2. The child
/// stays in rc's session, which killall5 of a script spares. A signal that was sent to rc's group
/// before does not end it. Returns as fork(2) does; the child has to end by _exit.
pid_t ForkIsolated(std::vector<int> keep);

/// The same for a process that rc never has to wait for: a child of init or, where rc is one, of
/// the subreaper. Returns 0 in that process, which has to end by _exit; in rc a pid, or -1 where
/// the kernel has refused a process for half a second.
pid_t ForkOrphan(std::vector<int> keep);

}  // namespace curfew
