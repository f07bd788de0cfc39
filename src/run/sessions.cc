// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/sessions.h"

#include <sys/mman.h>

#include <string>

namespace curfew {

RunningSessions::RunningSessions() : memory_(memfd_create("sessions", MFD_CLOEXEC)) {}

void RunningSessions::Expect() {
  expected_ = true;
  Store();
}

void RunningSessions::Add(pid_t session) {
  expected_ = false;
  if (session > 0) sessions_.insert(session);
  Store();
}

void RunningSessions::Remove(pid_t session) {
  sessions_.erase(session);
  Store();
}

void RunningSessions::Store() {
  if (!memory_) return;
  std::string lines = expected_ ? "+\n" : "";
  for (const pid_t session : sessions_) lines += std::to_string(session) + "\n";
  // Written first, then cut: a reader in between sees too many sessions, never too few.
  if (pwrite(memory_.get(), lines.data(), lines.size(), 0) < 0) return;
  if (ftruncate(memory_.get(), static_cast<off_t>(lines.size())) != 0) return;
}

}  // namespace curfew
