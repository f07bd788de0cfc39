// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernel/files.h"
#include "kernel/progress.h"
#include "run/exit_status.h"

namespace curfew {

/// How to start one child.
struct SpawnRequest {
  std::string path;
  int exec_fd = -1;  ///< when set, this open program is executed instead of `path`
  std::vector<std::string> argv;
  std::vector<std::string> env;
  int in = -1;            ///< becomes 0
  int out = -1;           ///< becomes 1 and 2
  std::vector<int> keep;  ///< stay open across exec under their own numbers
  /// The child gets a process group of its own, and stays in rc's session: killall5 spares the
  /// caller's session, and a terminal that is no session leader's becomes nobody's. Off for
  /// interactive scripts: Ctrl-C reaches them only in rc's group.
  bool own_group = true;
  bool low_priority = false;  ///< see LowerPriority
  bool filter_calls = false;  ///< see FilterCalls
  /// vfork(2) is faster than fork(2), but waits for the child's exec, and a dead disk can hold the
  /// exec for ever. So levels 0 and 6 fork.
  bool fork = false;
  /// The child's RLIMIT_NOFILE, because rc has raised its own; zeros: the child keeps rc's.
  rlimit descriptors{};
};

/// One running program from start to end, started or adopted.
///
/// Boost.Process v2 holds the handle, but does not start the program: the launchers of Boost 1.81
/// wait for exec in the parent, leave zombies after a failed exec, run exit handlers in the child
/// and leak descriptors. The destructor of a Process neither kills nor waits.
class Process {
 public:
  using OnEnd = std::function<void(ExitStatus)>;

  Process();
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Starts the program. The loop calls `on_end` once, when the program has ended and is reaped. A
  /// failed fork or exec is such an end, too: ExitStatus::NotRun.
  void Start(boost::asio::io_context& loop, const SpawnRequest& request, OnEnd on_end);

  /// Waits for the end of a process that is not rc's child. errc::no_such_process: it is gone, or
  /// its number is another process's by now.
  std::error_code Adopt(boost::asio::io_context& loop, Files& files, const ProcessId& process,
                        OnEnd on_end);

  pid_t pid() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace curfew
