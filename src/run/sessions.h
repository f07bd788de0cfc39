// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <set>

#include "kernel/fd.h"

namespace curfew {

/// The sessions of the scripts that run now, one number a line. The kill stage inherits the
/// descriptor, reads it again and again, and spares these sessions, also new ones. During a fork
/// the kill stage may see the child before its number is here: a line "+" announces it.
class RunningSessions {
 public:
  RunningSessions();

  /// To be called before a fork; Add() of what the fork returned must follow.
  void Expect();
  /// Adds nothing where the fork failed.
  void Add(pid_t session);
  void Remove(pid_t session);
  /// -1 where the kernel gave no memory: then the kill stage spares only the caller's ancestors.
  int fd() const { return memory_.get(); }

 private:
  void Store();

  Fd memory_;
  bool expected_ = false;
  std::set<pid_t> sessions_;
};

}  // namespace curfew
