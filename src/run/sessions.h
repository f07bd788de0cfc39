// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <set>

#include "kernel/fd.h"

namespace curfew {

/// The sessions of the scripts that run now, one number a line, in memory that the kill stage
/// reads through an inherited descriptor: it spares them, also those that start while it runs.
class RunningSessions {
 public:
  RunningSessions();

  void Add(pid_t session);
  void Remove(pid_t session);
  /// -1 where the kernel gave no memory; the kill stage then spares by ancestry only.
  int fd() const { return memory_.get(); }

 private:
  void Store();

  Fd memory_;
  std::set<pid_t> sessions_;
};

}  // namespace curfew
