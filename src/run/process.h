// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernel/result.h"
#include "run/exit_status.h"

namespace curfew {

/// What one child is started with.
struct SpawnRequest {
  std::string path;
  int exec_fd = -1;  ///< when set, this open program is executed instead of `path`
  std::vector<std::string> argv;
  std::vector<std::string> env;
  int in = -1;            ///< becomes 0
  int out = -1;           ///< becomes 1 and 2
  std::vector<int> keep;  ///< stay open across exec under their own numbers
  /// A session of its own without controlling terminal. Off for interactive scripts only: those
  /// stay in rc's session, or Ctrl-C would not reach them.
  bool own_session = true;
  /// fork(2) copies page tables but never waits for the child's exec, which a dead disk can hold
  /// for ever; vfork(2) is faster and waits. Levels 0 and 6 fork.
  bool fork = false;
  /// The RLIMIT_NOFILE the child gets back; rc raises its own.
  rlimit descriptors{};
};

/// One running program, ours or adopted, from start to end.
///
/// The handle behind it is Boost.Process v2's; starting is done by a launcher of our own, because
/// those of Boost 1.81 wait for exec in the parent, leave zombies after a failed exec, run exit
/// handlers in the child and leak descriptors. Dropping a Process never kills and never waits.
class Process {
 public:
  using OnEnd = std::function<void(ExitStatus)>;

  Process();
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Starts the program and calls `on_end` once, from the loop, when it has ended and is reaped;
  /// a failed fork or exec also ends that way, as ExitStatus::NotRun.
  void Start(boost::asio::io_context& loop, const SpawnRequest& request, OnEnd on_end);

  /// Watches a process that is not our child. The error is errc::no_such_process when it is gone
  /// or is another one by now (`start_time` is field 22 of /proc/PID/stat).
  std::error_code Adopt(boost::asio::io_context& loop, pid_t pid, unsigned long long start_time,
                        OnEnd on_end);

  pid_t pid() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Field 22 of /proc/PID/stat: with the pid, the identity of a process. 0 when it is gone.
unsigned long long StartTime(pid_t pid);

}  // namespace curfew
