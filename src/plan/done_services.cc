// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/done_services.h"

#include <algorithm>

namespace curfew {

std::string WhyNever(const PlanInput& input, const std::string& service) {
  const auto has = [&](const std::vector<std::string>& services) {
    return std::find(services.begin(), services.end(), service) != services.end();
  };
  if (has(input.settings.skip)) return "curfew.skip= on the kernel command line";
  return has(input.request.already_stopped) ? "stopped already in this shutdown" : "";
}

DoneServices::DoneServices(const PlanInput& input, const PassSource& source, bool serial)
    : input_(input), action_(source.action) {
  if (!source.omits_done) return;
  switch (input.dialect.state_from) {
    case StateFrom::kOldLevel:
      FromOldLevel(serial);
      break;
    case StateFrom::kBothLevels:
      FromBothLevels();
      break;
    case StateFrom::kLockFiles:
      FromLockFiles();
      break;
  }
}

/// An administrator may have started or stopped a service by hand. Therefore Debian's serial rc
/// omits nothing (#669406), and in levels 0 and 6 every stop script runs, so that no such service
/// is merely killed. When 6 turns into 0, the state files say what is stopped; links do not.
void DoneServices::FromOldLevel(bool serial) {
  const bool down = IsFinal(input_.request.level);
  if (!input_.dialect.state_always && (serial || down)) return;
  if (down && IsFinal(input_.request.previous)) return;
  const bool stop = action_ == Action::kStop;
  Insert(input_.tree.previous, stop ? 'K' : 'S', /*usable_only=*/false);
  reason_ =
      (stop ? "stopped already in level " : "runs already in level ") + input_.request.previous;
}

void DoneServices::FromBothLevels() {
  if (action_ == Action::kStop) {
    Insert(input_.tree.level, 'S', /*usable_only=*/true);
    reason_ = "runs on in level " + input_.request.level;
  } else {
    Insert(input_.tree.previous, 'K', /*usable_only=*/true);
    reason_ = "runs already in level " + input_.request.previous;
  }
}

void DoneServices::FromLockFiles() {
  for (const std::string& name : input_.tree.locks) {
    listed_.insert(name.ends_with(".init") ? name.substr(0, name.size() - 5) : name);
    listed_.insert(name);
  }
  listed_must_run_ = action_ == Action::kStop;
  reason_ = listed_must_run_ ? "no lock file: it does not run" : "a lock file: it runs already";
}

std::string DoneServices::Why(const std::string& service) const {
  const std::string never = WhyNever(input_, service);
  if (!never.empty() || reason_.empty()) return never;
  return listed_.contains(service) != listed_must_run_ ? reason_ : "";
}

/// `usable_only`: without links that cannot be run.
void DoneServices::Insert(const LinkDirectory& directory, char letter, bool usable_only) {
  for (const Link& link : directory.links) {
    if (link.letter() != letter || link.service.empty()) continue;
    const bool usable = link.kind == LinkKind::kFile && link.executable;
    if (usable || !usable_only) listed_.insert(link.service);
  }
}

}  // namespace curfew
