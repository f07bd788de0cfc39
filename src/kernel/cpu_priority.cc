// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cpu_priority.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace curfew {
namespace {

/// The nice values of setpriority(2).
constexpr int kMost = -20;
constexpr int kLeast = 19;

}  // namespace

void TakeCpuPriority(CpuPriority priority) {
  const sched_param level{priority == CpuPriority::kGuard ? sched_get_priority_max(SCHED_RR)
                                                          : sched_get_priority_min(SCHED_RR)};
  if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &level) == 0) return;
  // A cgroup without real time (CONFIG_RT_GROUP_SCHED) refuses.
  const sched_param none{};
  if (sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none) == 0)
    setpriority(PRIO_PROCESS, 0, kMost);
}

void LowerGroupPriority(pid_t group) {
  if (getpgid(group) == group) setpriority(PRIO_PGRP, static_cast<id_t>(group), kLeast);
}

}  // namespace curfew
