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
  const int lowest = sched_get_priority_min(SCHED_RR);
  const sched_param level{priority == CpuPriority::kGuard ? lowest + 1 : lowest};
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
