// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <optional>
#include <string>

#include "stop/schedule.h"

namespace curfew {

/// `start-stop-daemon --stop --retry SCHEDULE`. At least one option says which processes are meant.
struct StopOptions {
  pid_t pid = 0;  ///< 0: not given, as below.
  pid_t parent = 0;
  std::string pidfile;  ///< Empty: not given, as below.
  std::string exec;     ///< An absolute path.
  std::string name;
  std::string user;
  std::string as_user;  ///< --chuid: without a meaning here, but has to exist.
  Schedule schedule;
  bool nothing_is_good = false;  ///< --oknodo
  bool removes_pidfile = false;
  enum class Talk { kQuiet, kUsual, kVerbose } talk = Talk::kUsual;

  /// Whether the pidfile alone says which process is meant.
  bool OnlyPidfile() const {
    return !pidfile.empty() && pid == 0 && parent == 0 && exec.empty() && name.empty() &&
           user.empty();
  }
  /// How messages call what is stopped.
  std::string What() const;
};

/// What the command line asks of us, read as dpkg reads it; `argv` stays as it is. Nothing: it asks
/// for something else, or has an option, a value or a fault that is left to dpkg's own program.
std::optional<StopOptions> ParseStopOptions(int argc, char* const* argv);

}  // namespace curfew
