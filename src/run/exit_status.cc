// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/exit_status.h"

#include <sys/wait.h>

#include <cstring>

namespace curfew {

ExitStatus ExitStatus::FromWait(int status) {
  if (WIFSIGNALED(status)) return Signalled(WTERMSIG(status));
  return Exited(WEXITSTATUS(status));
}

std::string ExitStatus::Text() const {
  switch (kind_) {
    case Kind::kExited:
      return "exit status " + std::to_string(number_);
    case Kind::kSignalled: {
      const char* name = sigabbrev_np(number_);
      return name ? std::string("killed by SIG") + name
                  : "killed by signal " + std::to_string(number_);
    }
    case Kind::kNotRun:
      return std::string("not run: ") + strerror(number_);
    case Kind::kUnknown:
      break;
  }
  return "ended";
}

Outcome Classify(ExitStatus status, Action action) {
  if (status.kind() == ExitStatus::Kind::kUnknown) return Outcome::kOk;
  if (status.kind() != ExitStatus::Kind::kExited) return Outcome::kFailed;
  const int code = status.number();
  if (code >= 1 && code <= 4) return Outcome::kFailed;
  if (code == 5) return Outcome::kNotInstalled;
  if (code == 6) return Outcome::kNotConfigured;
  if (code == 7 && action == Action::kStart) return Outcome::kFailed;
  return Outcome::kOk;
}

}  // namespace curfew
