// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <set>
#include <string>

#include "kernel/fd.h"

namespace curfew {

/// The sessions of the scripts that run now, one number a line. The kill stage inherits the
/// descriptor, reads it again and again, and spares these sessions, also new ones. During a fork
/// the kill stage may see the child before its number is here: a line "+" announces it.
class RunningSessions {
 public:
  /// To be called before a fork; Add() of what the fork returned must follow.
  void Expect() {
    expected_ = true;
    Store();
  }
  /// Adds nothing where the fork failed.
  void Add(pid_t session) {
    expected_ = false;
    if (session > 0) sessions_.insert(session);
    Store();
  }
  void Remove(pid_t session) {
    sessions_.erase(session);
    Store();
  }
  /// -1 where the kernel gave no memory: then the kill stage spares only the caller's ancestors.
  int fd() const { return memory_.get(); }

 private:
  void Store() {
    if (!memory_) return;
    std::string lines = expected_ ? "+\n" : "";
    for (const pid_t session : sessions_) lines += std::to_string(session) + "\n";
    // Written first, then cut: a reader in between sees too many sessions, never too few.
    if (pwrite(memory_.get(), lines.data(), lines.size(), 0) < 0) return;
    if (ftruncate(memory_.get(), static_cast<off_t>(lines.size())) != 0) return;
  }

  Fd memory_{memfd_create("sessions", MFD_CLOEXEC)};
  bool expected_ = false;
  std::set<pid_t> sessions_;
};

}  // namespace curfew
