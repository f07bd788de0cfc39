// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/ancestors.h"

#include "text/text.h"

namespace curfew {
namespace {

/// An ancestor may end, and its children get another parent, while the line is walked.
constexpr int kWalks = 3;

}  // namespace

Ancestors::Ancestors(Kernel& kernel) : kernel_(kernel), session_(kernel.Session()) {
  for (int walk = 0; walk < kWalks; ++walk)
    if (unknown_ = Walk(); !unknown_ && !name_.empty()) return;
}

void Ancestors::Refresh() {
  if (unknown_ || name_.empty()) unknown_ = Walk();
}

bool Ancestors::Contain(const ProcessInfo& process) const {
  // A leader outside this PID namespace has the number 0, as have kernel threads.
  const bool same_session = session_ > 0 && process.session == session_;
  return Contain(process.pid) || (unknown_ && same_session);
}

/// From /proc/PID/stat, or else status, which other code of the kernel fills; for this process from
/// getppid(2) at last.
Result<pid_t> Ancestors::ParentOf(pid_t pid) {
  const bool self = pid == kernel_.Self();
  const auto process = ReadProcess(kernel_, pid);
  if (process && self) name_ = process.value.name;
  if (process) return process.value.parent;
  const auto status = kernel_.Read("/proc/" + std::to_string(pid) + "/status").value;
  if (const auto parent = NumberAfter(status, "PPid")) return static_cast<pid_t>(*parent);
  return self ? Result<pid_t>(kernel_.Parent()) : process.error;
}

std::error_code Ancestors::Walk() {
  pids_ = {1};
  // A parent outside this PID namespace has pid 0.
  for (pid_t pid = kernel_.Self(); pid > 0 && pids_.insert(pid).second;) {
    const auto parent = ParentOf(pid);
    if (!parent) return parent.error;
    pid = parent.value;
  }
  return {};
}

}  // namespace curfew
