// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/real_time.h"

#include <sched.h>

#include <algorithm>
#include <string>

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// How long LowerSpinners() looks at a time and in all, and the share of all CPUs that counts as
/// all of them: real-time throttling (sched(7)) leaves 5 % to normal processes, as one piece of
/// 50 ms each second, which may be the first that is looked at.
constexpr milliseconds kLook{100};
constexpr milliseconds kLookInAll{1000};
constexpr int kBusyPercent = 80;
/// One clock tick of /proc/PID/stat.
constexpr milliseconds kTick{10};

/// A real-time or deadline thread of a process.
struct Thread {
  pid_t pid;
  pid_t thread;
};

std::string TaskDir(pid_t pid) {
  return "/proc/" + std::to_string(pid) + "/task";
}

bool Outranks(Kernel& kernel, pid_t thread) {
  const auto scheduling = kernel.SchedulingOf(thread);
  if (!scheduling) return false;
  const auto [policy, priority] = scheduling.value;
  return policy == SCHED_FIFO || policy == SCHED_DEADLINE ||
         (policy == SCHED_RR && priority > sched_get_priority_min(SCHED_RR));
}

/// The threads of a process. A directory of /proc/PID/task counts a link for each and two more:
/// where there is one thread it is not listed.
std::vector<pid_t> ThreadsOf(Kernel& kernel, pid_t pid) {
  const auto info = kernel.Stat(TaskDir(pid));
  if (info && info.value.st_nlink <= 3) return {pid};
  std::vector<pid_t> threads;
  for (const std::string& name : kernel.List(TaskDir(pid)).value)
    if (const pid_t thread = ParsePid(name)) threads.push_back(thread);
  return threads;
}

std::vector<Thread> FindRealTime(Kernel& kernel, pid_t spared) {
  std::vector<Thread> found;
  for (const std::string& name : kernel.List("/proc").value) {
    const pid_t pid = ParsePid(name);
    if (pid == 0 || pid == spared || pid == kernel.Self()) continue;
    std::vector<Thread> threads;
    for (const pid_t thread : ThreadsOf(kernel, pid))
      if (Outranks(kernel, thread)) threads.push_back({pid, thread});
    if (threads.empty()) continue;
    const auto process = ReadProcess(kernel, pid);
    if (process && !process.value.kernel_thread)
      found.insert(found.end(), threads.begin(), threads.end());
  }
  return found;
}

std::vector<ProcessInfo> Lower(Kernel& kernel, const std::vector<Thread>& threads) {
  std::vector<ProcessInfo> changed;
  for (const Thread& thread : threads) {
    if (kernel.SetNormal(thread.thread)) continue;
    if (!changed.empty() && changed.back().pid == thread.pid) continue;
    if (const auto process = ReadProcess(kernel, thread.pid)) changed.push_back(process.value);
  }
  return changed;
}

/// The CPU time of `threads`, in ticks, and those that can run.
struct Look {
  std::uint64_t ticks = 0;
  std::vector<Thread> runnable;
};

Look LookAt(Kernel& kernel, const std::vector<Thread>& threads) {
  Look look;
  for (const Thread& thread : threads) {
    const auto path = TaskDir(thread.pid) + "/" + std::to_string(thread.thread) + "/stat";
    const auto info = ParseStat(kernel.Read(path).value);
    if (!info) continue;
    look.ticks += info->cpu;
    if (info->state == 'R') look.runnable.push_back(thread);
  }
  return look;
}

/// The processors of /proc/stat: its lines "cpu0 ...".
int CountCpus(Files& files) {
  const std::string text = files.Read("/proc/stat").value;
  int count = 0;
  for (auto at = text.find("\ncpu"); at != text.npos; at = text.find("\ncpu", at + 1)) ++count;
  return std::max(count, 1);
}

/// Those of `threads` that want to run, if they leave nothing of all CPUs.
std::vector<Thread> Spinners(Kernel& kernel, const std::vector<Thread>& threads) {
  const int cpus = CountCpus(kernel);
  const auto begin = kernel.Monotonic();
  const Look first = LookAt(kernel, threads);
  for (Look look = first; !look.runnable.empty(); look = LookAt(kernel, threads)) {
    const auto passed = kernel.Monotonic() - begin;
    const auto used = static_cast<long>(look.ticks - first.ticks) * kTick;
    if (passed >= kLook && used * 100 >= passed * cpus * kBusyPercent)
      return std::move(look.runnable);
    if (passed >= kLookInAll) break;
    kernel.Poll({}, kLook);
  }
  return {};
}

}  // namespace

std::vector<ProcessInfo> LowerRealTime(Kernel& kernel, pid_t spared) {
  kernel.SetCpuPriority(CpuPriority::kGuard);
  auto changed = Lower(kernel, FindRealTime(kernel, spared));
  kernel.SetCpuPriority(CpuPriority::kStages);
  return changed;
}

std::vector<ProcessInfo> LowerSpinners(Kernel& kernel) {
  kernel.SetCpuPriority(CpuPriority::kGuard);
  auto changed = Lower(kernel, Spinners(kernel, FindRealTime(kernel, 0)));
  kernel.SetCpuPriority(CpuPriority::kStages);
  return changed;
}

}  // namespace curfew
