// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "kernel/kernel.h"
#include "kernel/process_info.h"

namespace curfew {

/// Sets all real-time and deadline threads of other processes to normal priority: one that spins
/// would leave no CPU to the stages, whose priority is the lowest real-time one. Kernel threads,
/// the process `spared` (the dead-man) and what has that lowest priority (rc, halt and their
/// helpers) stay. Runs at CpuPriority::kGuard and ends at kStages. Returns the processes it
/// changed.
std::vector<ProcessInfo> LowerRealTime(Kernel& kernel, pid_t spared);

/// The same while services still run, which may need their priority: does it only if such threads
/// take more than 80 % of all CPUs, so that no script would ever run. Looks for 0.1 to 1 s while
/// one of them wants to run; where none does, which is usual, costs one look at /proc.
std::vector<ProcessInfo> LowerSpinners(Kernel& kernel);

}  // namespace curfew
