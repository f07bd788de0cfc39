// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <set>
#include <string>

#include "kernel/fd.h"

namespace curfew {

/// The process groups of the scripts that run now, one number a line. The kill stage inherits the
/// descriptor, reads it again and again, and spares these groups with all their descendants, also
/// new ones. During a fork the kill stage may see the child before its number is here: a line "+"
/// announces it.
class RunningGroups {
 public:
  /// To be called before a fork; Add() of what the fork returned must follow.
  void Expect() {
    expected_ = true;
    Store();
  }
  /// Adds nothing where the fork failed.
  void Add(pid_t group) {
    expected_ = false;
    if (group > 0) groups_.insert(group);
    Store();
  }
  void Remove(pid_t group) {
    groups_.erase(group);
    Store();
  }
  /// -1 where the kernel gave no memory: then the kill stage spares only the caller's ancestors.
  int fd() const { return memory_.get(); }

 private:
  void Store() {
    if (!memory_) return;
    std::string lines = expected_ ? "+\n" : "";
    for (const pid_t group : groups_) lines += std::to_string(group) + "\n";
    // Written first, then cut: a reader in between sees too many groups, never too few.
    if (pwrite(memory_.get(), lines.data(), lines.size(), 0) < 0) return;
    if (ftruncate(memory_.get(), static_cast<off_t>(lines.size())) != 0) return;
  }

  Fd memory_{memfd_create("groups", MFD_CLOEXEC)};
  bool expected_ = false;
  std::set<pid_t> groups_;
};

}  // namespace curfew
