// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <vector>

namespace curfew {

/// Forks a child that is cut off from rc: in a session of its own, signals at their defaults, no
/// descriptor but `keep`. A signal that was sent to rc's session before does not end the child.
/// Returns as fork(2) does; the child has to end by _exit.
pid_t ForkIsolated(std::vector<int> keep);

/// The same for a process that rc never has to wait for: a child of init. True in that process,
/// which has to end by _exit; false in rc, also where the fork failed: what an orphan does is never
/// necessary.
bool ForkOrphan(std::vector<int> keep);

}  // namespace curfew
