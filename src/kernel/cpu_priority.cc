// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cpu_priority.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "kernel/process_info.h"

namespace curfew {
namespace {

/// The nice values of setpriority(2).
constexpr int kMost = -20;
constexpr int kLeast = 19;
constexpr int kNormal = 0;
/// PROC_USER_INIT_INO of Linux's include/linux/proc_ns.h. In any other user namespace
/// setpriority(2) asks for the capability of the first.
constexpr char kFirstUserNamespace[] = "user:[4026531837]";

/// struct sched_attr of sched_setattr(2), which glibc 2.36 does not have; times in nanoseconds.
struct DeadlineAttributes {
  std::uint32_t size = 48;
  std::uint32_t policy = SCHED_DEADLINE;
  std::uint64_t flags = 1;  // SCHED_FLAG_RESET_ON_FORK: without it fork(2) fails.
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 20'000'000;
  std::uint64_t deadline = 100'000'000;
  std::uint64_t period = 100'000'000;
};

}  // namespace

void TakeCpuPriority(CpuPriority priority) {
  const DeadlineAttributes deadline;
  if (priority == CpuPriority::kGuard && syscall(SYS_sched_setattr, 0, &deadline, 0) == 0) return;
  const sched_param level{priority == CpuPriority::kStages ? sched_get_priority_min(SCHED_RR)
                                                           : sched_get_priority_max(SCHED_RR)};
  if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &level) == 0) return;
  // A cgroup without real time (CONFIG_RT_GROUP_SCHED) refuses.
  const sched_param none{};
  if (sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none) == 0)
    setpriority(PRIO_PROCESS, 0, kMost);
}

void LowerGroupPriority(pid_t group) {
  if (getpgid(group) == group) setpriority(PRIO_PGRP, static_cast<id_t>(group), kLeast);
}

void LowerPriority() {
  setpriority(PRIO_PROCESS, 0, kLeast);
}

void RestoreGroupPriority(pid_t group) {
  if (getpgid(group) == group) setpriority(PRIO_PGRP, static_cast<id_t>(group), kNormal);
}

bool CanRestorePriority(Files& files) {
  const std::string status = files.Read("/proc/self/status").value;
  return (BitSet(status, "CapEff") >> CAP_SYS_NICE & 1) != 0 &&
         files.ReadLink("/proc/self/ns/user").value == kFirstUserNamespace;
}

}  // namespace curfew
