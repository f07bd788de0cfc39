// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/compare.h"

#include <algorithm>

#include "plan/link_name.h"

namespace curfew {

bool IsUsable(const Link& link) {
  return link.kind == LinkKind::kFile && link.executable;
}

std::string WhyNever(const Input& input, const std::string& service) {
  const std::vector<std::string>& skip = input.settings.skip;
  if (std::find(skip.begin(), skip.end(), service) != skip.end()) {
    return "curfew.skip= on the kernel command line";
  }
  const std::vector<std::string>& stopped = input.request.already_stopped;
  const bool done = std::find(stopped.begin(), stopped.end(), service) != stopped.end();
  return done ? "stopped already in this shutdown" : "";
}

Comparison::Comparison(const Input& input, const Source& source, const Plan& plan)
    : input_(input), action_(source.action) {
  if (!source.compares) return;
  switch (input.dialect.compare) {
    case Compare::kLinks:
      CompareLinks(plan.serial);
      break;
    case Compare::kRunning:
      CompareRunning();
      break;
    case Compare::kLocks:
      CompareLocks();
      break;
  }
}

/// A service may have been started or stopped by hand: Debian's serial rc compares nothing
/// (#669406), and in 0 and 6 nothing is left to the kill stage that has a stop script. A shutdown
/// that is turned into the other kind has stopped what is recorded, and nothing else.
void Comparison::CompareLinks(bool serial) {
  const bool down = IsFinal(input_.request.level);
  if (!input_.dialect.compares_always && (serial || down)) return;
  if (down && IsFinal(input_.request.previous)) return;
  const bool stop = action_ == Action::kStop;
  named_ = Services(input_.tree.previous, stop ? 'K' : 'S', false);
  reason_ =
      (stop ? "stopped already in level " : "runs already in level ") + input_.request.previous;
}

void Comparison::CompareRunning() {
  if (action_ == Action::kStop) {
    named_ = Services(input_.tree.level, 'S', true);
    reason_ = "runs on in level " + input_.request.level;
  } else {
    named_ = Services(input_.tree.previous, 'K', true);
    reason_ = "runs already in level " + input_.request.previous;
  }
}

void Comparison::CompareLocks() {
  for (const std::string& name : input_.tree.locks) {
    named_.insert(name.ends_with(".init") ? name.substr(0, name.size() - 5) : name);
    named_.insert(name);
  }
  but_named_ = action_ == Action::kStop;
  reason_ = but_named_ ? "no lock file: it does not run" : "a lock file: it runs already";
}

std::string Comparison::Reason(const std::string& service) const {
  const std::string never = WhyNever(input_, service);
  if (!never.empty() || reason_.empty()) return never;
  return named_.contains(service) != but_named_ ? reason_ : "";
}

std::set<std::string> Comparison::Services(const LinkDirectory& directory, char letter,
                                           bool usable) const {
  std::vector<Link> links;
  for (const Link& link : directory.links) {
    if (!usable || IsUsable(link)) links.push_back(link);
  }
  return ServicesOf(links, letter, input_.tree.init_d, input_.dialect.two_digits);
}

}  // namespace curfew
