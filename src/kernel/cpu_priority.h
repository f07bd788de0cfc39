// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

namespace curfew {

class Files;

/// Priorities above all normal processes, so that a process that spins or forks without end cannot
/// hold up the shutdown.
enum class CpuPriority {
  /// rc on the way down, halt, and their helper children: the lowest real-time priority, below the
  /// threads of the kernel that have one. real_time.h takes higher ones from other processes.
  kStages,
  /// Above a process that spins at the highest: a deadline of a fifth of a CPU, or that highest one
  /// where the kernel refuses. The dead-man, which sleeps; the others for a moment.
  kGuard,
};

/// Sets the priority of this process; its children start at normal priority. It is real-time
/// (SCHED_RR): a nice value only counts within a session where the kernel groups processes by
/// session (sched(7), "autogroup"). Where the kernel refuses (a container without CAP_SYS_NICE) the
/// priority stays as it is.
void TakeCpuPriority(CpuPriority priority);

/// Gives all processes of a group the CPU time that the others of its session leave. Only does so
/// if the process `group` leads a group: otherwise the group may be the caller's.
void LowerGroupPriority(pid_t group);

/// Gives this process, and all that it starts, the CPU time that the others of its session leave.
/// Async-signal-safe.
void LowerPriority();

/// Ends what LowerPriority() did for all processes of a group, whose leader is `group`. Where
/// CanRestorePriority() says no, nothing happens.
void RestoreGroupPriority(pid_t group);

/// Whether the kernel lets this process raise a priority again: CAP_SYS_NICE, not in a user
/// namespace. false: it does not, or /proc does not tell.
bool CanRestorePriority(Files& files);

}  // namespace curfew
