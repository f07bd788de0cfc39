// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <set>
#include <string>
#include <system_error>

#include "kernel/kernel.h"
#include "kernel/process_info.h"

namespace curfew {

/// PID 1, this process and what it comes from: rc, the stub that init waits for, a person's shell.
/// A shutdown whose stub is ended stops half-way, so that one answer of /proc is not relied upon:
/// an error is asked again, of another file and of the kernel.
class Ancestors {
 public:
  /// Looks for the first time.
  explicit Ancestors(Kernel& kernel);
  /// Looks again if an earlier look found no end.
  void Refresh();

  /// Whether `process` is one of them. While not all are known, all of this process's session are:
  /// rc and its stub are in it, and no service.
  bool Contain(const ProcessInfo& process) const;
  bool Contain(pid_t pid) const { return pids_.contains(pid); }
  const std::set<pid_t>& Pids() const { return pids_; }
  /// The comm of this process; empty: not known.
  const std::string& Name() const { return name_; }
  /// Why not all are known; clear: they are.
  std::error_code Unknown() const { return unknown_; }

 private:
  Result<pid_t> ParentOf(pid_t pid);
  std::error_code Walk();

  Kernel& kernel_;
  const pid_t session_;
  std::set<pid_t> pids_;
  std::string name_;
  std::error_code unknown_;
};

}  // namespace curfew
