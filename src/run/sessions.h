// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <set>

#include "kernel/fd.h"

namespace curfew {

/// The sessions of the scripts that run now, one number a line, in memory that the kill stage
/// reads through an inherited descriptor: it spares them, also those that start while it runs.
/// While a process is being made, which the kill stage may see before its number is here, a line
/// "+" says so.
class RunningSessions {
 public:
  RunningSessions();

  /// Before a fork; Add() with what the fork returned has to follow.
  void Expect();
  /// Nothing but the end of Expect() when `session` is no pid.
  void Add(pid_t session);
  void Remove(pid_t session);
  /// -1 where the kernel gave no memory; the kill stage then spares by ancestry only.
  int fd() const { return memory_.get(); }

 private:
  void Store();

  Fd memory_;
  bool expected_ = false;
  std::set<pid_t> sessions_;
};

}  // namespace curfew
