// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cerrno>
#include <string>

#include "plan/plan.h"

namespace curfew {

/// How a script ended. "exit 9" and "killed by signal 9" are different values.
class ExitStatus {
 public:
  enum class Kind { kExited, kSignalled, kNotRun, kUnknown };

  static ExitStatus Exited(int code) { return {Kind::kExited, code}; }
  static ExitStatus Signalled(int signal) { return {Kind::kSignalled, signal}; }
  /// The program never started; `error` is the errno of fork or exec.
  static ExitStatus NotRun(int error) { return {Kind::kNotRun, error}; }
  /// An adopted script ended: only its parent gets the status.
  static ExitStatus Unknown() { return {Kind::kUnknown, 0}; }
  /// `status` is that of waitpid(2).
  static ExitStatus FromWait(int status);

  Kind kind() const { return kind_; }
  /// Exit code, signal number or errno, by `kind`.
  int number() const { return number_; }
  /// "exit status 3", "killed by SIGTERM", "not run: Permission denied".
  std::string Text() const;

 private:
  ExitStatus(Kind kind, int number) : kind_(kind), number_(number) {}

  Kind kind_;
  int number_;
};

enum class Outcome { kOk, kFailed, kNotInstalled, kNotConfigured };

/// The result as startpar reports it (startpar 0.65, makeboot.c:509-570): 1 to 4 failed, 7 failed
/// unless it was a stop, 5 not installed, 6 not configured, all others well.
Outcome Classify(ExitStatus status, Action action);

}  // namespace curfew
