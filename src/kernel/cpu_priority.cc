// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cpu_priority.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>

#include "kernel/fd.h"

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

void LowerSessionPriority(pid_t session) {
  if (getsid(session) != session) return;
  setpriority(PRIO_PGRP, static_cast<id_t>(session), kLeast);
  const std::string path = "/proc/" + std::to_string(session) + "/autogroup";
  const Fd nice(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (nice) (void)!write(nice.get(), "19", 2);
}

}  // namespace curfew
