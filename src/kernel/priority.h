// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

namespace curfew {

/// Who comes before whom when there is too little CPU. What has to end a machine must get its turn
/// while something spins or forks without end; where a call is refused (a container without
/// CAP_SYS_NICE) everything stays as it is.
enum class Rank {
  kFirst,  ///< before all of normal priority
  kGuard,  ///< before kFirst: watches over it
};

/// The calling process alone: what it forks and executes begins at normal priority. SCHED_RR, for a
/// nice value counts only within a session where the kernel groups by session (sched(7),
/// "autogroup").
void TakeRank(Rank rank);

/// The session that process `session` leads gets the CPU that all others leave: a script that
/// nobody waits for. Nothing happens to a session that another process leads, for it may be the
/// caller's.
void PutLast(pid_t session);

}  // namespace curfew
