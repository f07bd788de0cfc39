// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kernel/kernel.h"

namespace curfew {

/// A child from StartChild() until it ends or is left.
struct Child {
  pid_t pid = 0;
  int pidfd = -1;             ///< Opened when it is first waited for.
  std::optional<int> status;  ///< Its wait status, once it has ended.
};

/// Forks a child that does `work` at a priority above normal: its limit runs whether it gets the
/// CPU or not. A refused fork(2) is tried again for 1 s.
Result<Child> StartChild(Kernel& kernel, const std::function<void()>& work,
                         CpuPriority priority = CpuPriority::kStages);

/// Waits until the child ends, `limit` at the most; its wait status, or errc::timed_out, and the
/// child goes on.
Result<int> WaitForChild(Kernel& kernel, Child* child, std::chrono::milliseconds limit);

/// Kills the child and does not wait for its end: in D state it may never end.
void LeaveChild(Kernel& kernel, Child* child);

/// Runs a program, found by PATH where its name has no slash, as ProcessControl::Exec() says. Its
/// wait status. After `limit` its process group is killed and left: errc::timed_out. If there is an
/// `output` it gets what the program has written to standard output, also until it was killed.
/// `each_second` is called while the program runs.
Result<int> RunProgram(Kernel& kernel, const std::vector<std::string>& argv,
                       std::chrono::milliseconds limit, std::string* output = nullptr,
                       const std::function<void()>& each_second = {});

/// Does `work` in a process that outlives this one, a child of PID 1, as
/// ProcessControl::BecomeDaemon() says. Returns its pid once it has cut itself off.
Result<pid_t> StartDaemon(Kernel& kernel, const std::string& name, const std::vector<int>& keep,
                          const std::function<void()>& work);

/// Raises RLIMIT_NOFILE as far as the kernel allows; the number of descriptors now allowed.
int RaiseDescriptorLimit(Kernel& kernel);

}  // namespace curfew
