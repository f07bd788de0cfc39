// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cpu_priority.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "check.h"

namespace cpu_priority_test {
using namespace curfew;

namespace {

/// The small number that `work` returns in a child of its own.
int InFork(const std::function<int()>& work) {
  const pid_t pid = fork();
  if (pid == 0) _exit(work());
  int status = 0;
  waitpid(pid, &status, 0);
  return WEXITSTATUS(status);
}

bool ComesFirst() {
  return (sched_getscheduler(0) & ~SCHED_RESET_ON_FORK) == SCHED_RR ||
         getpriority(PRIO_PROCESS, 0) < 0;
}

bool MayComeFirst() {
  return InFork([] { return setpriority(PRIO_PROCESS, 0, -1) == 0; });
}

}  // namespace

TEST("a rank is that of the process that takes it, and not that of its children") {
  const int both = InFork([] {
    TakeCpuPriority(CpuPriority::kStages);
    return ComesFirst() + 2 * InFork(ComesFirst);
  });
  CHECK_EQ(both, MayComeFirst() ? 1 : 0);
}

TEST("the stages have the lowest real-time priority, or are first of all others") {
  const auto policy = [](const std::function<void()>& take) {
    return InFork([&] {
      take();
      return sched_getscheduler(0) == (SCHED_RR | SCHED_RESET_ON_FORK)      ? 1
             : sched_getscheduler(0) == (SCHED_OTHER | SCHED_RESET_ON_FORK) ? 2
                                                                            : 3;
    });
  };
  const int granted = policy([] {
    const sched_param lowest{sched_get_priority_min(SCHED_RR)};
    sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &lowest);
  });
  CHECK_EQ(policy([] { TakeCpuPriority(CpuPriority::kStages); }), granted == 1 ? 1 : 2);
}

TEST("the guard has a deadline, or the highest priority where the kernel has none to give") {
  const int policy = InFork([] {
    TakeCpuPriority(CpuPriority::kGuard);
    return sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
  });
  CHECK(policy == SCHED_DEADLINE || policy == (MayComeFirst() ? SCHED_RR : SCHED_OTHER));
}

TEST("a process group is put last with the children of its leader") {
  CHECK_EQ(InFork([] {
             setpgid(0, 0);
             return InFork([] {
               LowerGroupPriority(getppid());
               return getpriority(PRIO_PROCESS, 0);
             });
           }),
           19);
}

TEST("a group that was put last is as before afterwards, where the kernel lets it") {
  CHECK_EQ(InFork([] {
             setpgid(0, 0);
             LowerGroupPriority(getpid());
             const bool last = getpriority(PRIO_PROCESS, 0) == 19;
             RestoreGroupPriority(getpid());
             return last ? getpriority(PRIO_PROCESS, 0) : 99;
           }),
           MayComeFirst() ? 0 : 19);
}

TEST("a process that leads no group is not put last") {
  CHECK_EQ(InFork([] {
             LowerGroupPriority(getpid());
             return getpriority(PRIO_PROCESS, 0);
           }),
           getpriority(PRIO_PROCESS, 0));
}

}  // namespace cpu_priority_test
