// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "kernel/kernel.h"
#include "stop/stop_options.h"

namespace curfew {

/// Which processes the options mean, as start-stop-daemon of dpkg finds them.
class Match {
 public:
  Match(Kernel& kernel, const StopOptions& options) : kernel_(kernel), options_(options) {}

  /// Looks up what the options name: the program's file, the user, the process in the pidfile. An
  /// error: dpkg has to judge it. So are a user who is not in /etc/passwd, and a pidfile that
  /// anybody can write or that, with no other option, is neither root's nor the caller's.
  std::error_code Prepare();

  /// The processes that match now, by number. One that --pid or the pidfile names alone need not
  /// exist. An error: /proc cannot be read.
  Result<std::vector<pid_t>> Find();
  bool Is(pid_t pid);

 private:
  std::error_code ReadPidfile();
  bool RunsProgram(pid_t pid);

  Kernel& kernel_;
  const StopOptions& options_;
  struct stat program_ {};
  uid_t user_ = 0;
  pid_t named_ = 0;  ///< By --pid or the pidfile; 0: a pidfile without a process.
};

}  // namespace curfew
