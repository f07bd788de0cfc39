// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/child.h"

#include <signal.h>

#include <algorithm>
#include <utility>

#include "kernel/shared_memory.h"
#include "text/text.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// A refused fork(2) is tried again so often, after this time each: PIDs and memory come back when
/// other processes end.
constexpr int kForkTries = 20;
constexpr milliseconds kForkPause{50};
/// Without pidfds (Linux before 5.3, a seccomp filter) a child is checked this often.
constexpr milliseconds kChildCheck{20};
/// ppoll(2) may have had no memory.
constexpr int kPollTries = 3;
/// For a daemon to fork and to lock its memory, on a machine that swaps.
constexpr milliseconds kDaemonStart{2000};
/// How often a daemon that starts is checked: it is ready in a few ms.
constexpr milliseconds kDaemonCheck{1};
/// How often the caller of a program hears that it still runs.
constexpr milliseconds kTurn{1000};

void ClosePidfd(Kernel& kernel, Child* child) {
  if (child->pidfd >= 0) kernel.Close(std::exchange(child->pidfd, -1));
}

/// fork(2), tried again for 1 s where the kernel refuses it. After that one try is made each time,
/// until one succeeds: a shutdown that needs hundreds of children waits once.
Result<pid_t> Fork(Kernel& kernel, const std::function<void()>& work) {
  Result<pid_t> pid = kernel.Fork(work);
  for (int tries = kernel.forks_refused ? kForkTries : 1; !pid && tries < kForkTries; ++tries) {
    kernel.Poll({}, kForkPause);
    pid = kernel.Fork(work);
  }
  kernel.forks_refused = !pid;
  return pid;
}

/// Whether the child has ended; reaps it.
bool HasEnded(Kernel& kernel, Child* child) {
  if (child->status) return true;
  const auto status = kernel.Wait(child->pid);
  if (status.error == std::errc::resource_unavailable_try_again ||
      status.error == std::errc::interrupted)
    return false;
  // Any other error: it is no child of this process any more.
  child->status = status.value;
  ClosePidfd(kernel, child);
  return true;
}

/// WaitForChild(), with a call of `each_second` whenever another second has passed.
Result<int> WaitInTurns(Kernel& kernel, Child* child, milliseconds limit,
                        const std::function<void()>& each_second) {
  if (!each_second) return WaitForChild(kernel, child, limit);
  const auto end = kernel.Monotonic() + limit;
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(end - kernel.Monotonic());
    const auto status = WaitForChild(kernel, child, std::min<milliseconds>(left, kTurn));
    if (status.error != std::errc::timed_out || left <= kTurn) return status;
    each_second();
  }
}

}  // namespace

Result<Child> StartChild(Kernel& kernel, const std::function<void()>& work, CpuPriority priority) {
  std::erase_if(kernel.left_children, [&](pid_t pid) {
    return kernel.Wait(pid).error != std::errc::resource_unavailable_try_again;
  });
  const auto pid = Fork(kernel, [&] {
    kernel.SetCpuPriority(priority);
    work();
  });
  if (!pid) return pid.error;
  return Child{pid.value, -1, {}};
}

Result<int> WaitForChild(Kernel& kernel, Child* child, milliseconds limit) {
  const auto end = kernel.Monotonic() + limit;
  for (int refused = 0; !HasEnded(kernel, child);) {
    const auto left = std::chrono::ceil<milliseconds>(end - kernel.Monotonic());
    if (left.count() <= 0) return std::make_error_code(std::errc::timed_out);
    if (child->pidfd < 0)
      if (const auto pidfd = kernel.PidfdOpen(child->pid)) child->pidfd = pidfd.value;
    pollfd ended{child->pidfd, POLLIN, 0};
    const auto polled =
        kernel.Poll({&ended, 1}, child->pidfd < 0 ? std::min(left, kChildCheck) : left);
    if (!polled && ++refused == kPollTries) return polled.error;
  }
  return *child->status;
}

void LeaveChild(Kernel& kernel, Child* child) {
  if (child->status) return;
  kernel.Kill(child->pid, SIGKILL);
  kernel.left_children.push_back(child->pid);
  ClosePidfd(kernel, child);
}

Result<int> RunProgram(Kernel& kernel, const std::vector<std::string>& argv, milliseconds limit,
                       std::string* output, const std::function<void()>& each_second) {
  const SharedArray<int> refusal(1);
  if (!refusal) return std::make_error_code(std::errc::not_enough_memory);
  const auto memory = output ? kernel.OpenMemory() : Result<int>(-1);
  if (!memory) return memory.error;
  Result<int> status = 0;
  const auto pid = Fork(kernel, [&] { refusal[0] = kernel.Exec(argv, memory.value).value(); });
  if (pid) {
    Child program{pid.value, -1, {}};
    status = WaitInTurns(kernel, &program, limit, each_second);
    if (!status) kernel.Kill(-pid.value, SIGKILL);
    LeaveChild(kernel, &program);
    if (refusal[0] != 0) status = std::error_code(refusal[0], std::generic_category());
  } else {
    status = pid.error;
  }
  if (output) *output = kernel.Read("/proc/self/fd/" + std::to_string(memory.value)).value;
  if (output) kernel.Close(memory.value);
  return status;
}

Result<pid_t> StartDaemon(Kernel& kernel, const std::string& name, const std::vector<int>& keep,
                          const std::function<void()>& work) {
  struct Start {
    std::atomic<pid_t> daemon;
    int refusal;
  };
  const SharedArray<Start> start(1);
  if (!start) return std::make_error_code(std::errc::not_enough_memory);
  auto between = StartChild(kernel, [&] {
    const auto daemon = Fork(kernel, [&] {
      kernel.BecomeDaemon(name, keep, &start[0].daemon);
      work();
    });
    start[0].refusal = daemon.error.value();
  });
  if (!between) return between.error;
  const auto end = kernel.Monotonic() + kDaemonStart;
  auto forked = WaitForChild(kernel, &between.value, kDaemonStart);
  LeaveChild(kernel, &between.value);
  if (start[0].refusal != 0) return std::error_code(start[0].refusal, std::generic_category());
  while (forked && start[0].daemon == 0) {
    if (kernel.Monotonic() >= end)
      forked = std::make_error_code(std::errc::timed_out);
    else
      kernel.Poll({}, kDaemonCheck);
  }
  // One that the caller does not know of must not live beside the next one.
  pid_t daemon = 0;
  if (start[0].daemon.compare_exchange_strong(daemon, kernel.kNotAwaited)) return forked.error;
  return daemon;
}

int RaiseDescriptorLimit(Kernel& kernel) {
  // What a process may open where nothing raises the limit.
  constexpr rlim_t kDefault = 256;
  auto limit = kernel.DescriptorLimit();
  if (!limit) return kDefault;
  // With a limit of 3 even the file below cannot be opened.
  if (limit.value.rlim_max < kDefault && !kernel.SetDescriptorLimit({kDefault, kDefault}))
    limit.value = {kDefault, kDefault};
  const auto most = ParseNumber<rlim_t>(FirstLine(kernel.Read("/proc/sys/fs/nr_open").value));
  const rlim_t wish = std::max(most.value_or(0), limit.value.rlim_max);
  if (kernel.SetDescriptorLimit({wish, wish}))
    kernel.SetDescriptorLimit({limit.value.rlim_max, limit.value.rlim_max});
  limit = kernel.DescriptorLimit();
  return static_cast<int>(limit ? limit.value.rlim_cur : kDefault);
}

}  // namespace curfew
