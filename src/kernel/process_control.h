// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "kernel/cpu_priority.h"
#include "kernel/result.h"

namespace curfew {

/// How the kernel schedules a thread (sched(7)).
struct Scheduling {
  int policy = 0;    ///< SCHED_OTHER ...
  int priority = 0;  ///< Of SCHED_FIFO and SCHED_RR: 1 to 99.
};

/// Processes: ours and others.
class ProcessControl {
 public:
  /// In place of the pid of a daemon: its caller waits for it no more.
  static constexpr pid_t kNotAwaited = -1;

  virtual ~ProcessControl() = default;

  virtual pid_t Self() = 0;
  /// getppid(2) and getsid(2) of this process: 0 if that one is outside this PID namespace.
  virtual pid_t Parent() = 0;
  virtual pid_t Session() = 0;
  /// fork(2). The child does `work` and ends with status 0.
  virtual Result<pid_t> Fork(const std::function<void()>& work) = 0;
  /// In a child: execvp(3), in a process group of its own, with /dev/null as standard input,
  /// `output` as standard output unless it is -1 (1 MiB at the most, then SIGXFSZ), no other
  /// descriptor open and signals as they are by default. Returns only an error.
  virtual std::error_code Exec(const std::vector<std::string>& argv, int output) = 0;
  /// In a child: cuts the process off from the rest. A process group of its own, so that killall5
  /// of a script spares it with the rest of the caller's session, named `name` (comm and argv[0]),
  /// deaf to signals, no descriptor but `keep` (under the same numbers) and /dev/null, its memory
  /// locked, CpuPriority::kGuard, last in line for the OOM killer, all as far as the kernel allows.
  /// Then stores its pid in `pid`; or ends, if the caller has stored kNotAwaited there meanwhile.
  virtual void BecomeDaemon(const std::string& name, const std::vector<int>& keep,
                            std::atomic<pid_t>* pid) = 0;
  virtual void SetCpuPriority(CpuPriority priority) = 0;
  virtual Result<Scheduling> SchedulingOf(pid_t thread) = 0;
  /// sched_setscheduler(2) with SCHED_OTHER.
  virtual std::error_code SetNormal(pid_t thread) = 0;
  /// waitpid(2) with WNOHANG: the wait status of a child that has ended;
  /// errc::resource_unavailable_try_again while it runs.
  virtual Result<int> Wait(pid_t child) = 0;

  virtual std::error_code Kill(pid_t pid, int signal) = 0;
  virtual Result<int> PidfdOpen(pid_t pid) = 0;
  virtual std::error_code PidfdSignal(int pidfd, int signal) = 0;

  /// RLIMIT_NOFILE.
  virtual Result<rlimit> DescriptorLimit() = 0;
  virtual std::error_code SetDescriptorLimit(const rlimit& limit) = 0;

  /// Killed children that nothing waits for. StartChild() reaps those that have ended.
  std::vector<pid_t> left_children;
  /// The last fork(2) was refused for as long as it is tried (StartChild()).
  bool forks_refused = false;
};

}  // namespace curfew
