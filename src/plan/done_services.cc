// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/done_services.h"

#include "text/text.h"

namespace curfew {
namespace {

/// The services with a link of kind `letter`. `usable_only`: without links that cannot be run.
std::set<std::string> Services(const LinkDirectory& directory, char letter, bool usable_only) {
  std::set<std::string> services;
  for (const Link& link : directory.links) {
    if (link.letter() != letter || link.service.empty()) continue;
    const bool usable = link.kind == LinkKind::kFile && link.executable;
    if (usable || !usable_only) services.insert(link.service);
  }
  return services;
}

/// An administrator may have started or stopped a service by hand. Therefore Debian's serial rc
/// omits nothing (#669406), and in levels 0 and 6 every stop script runs, so that no such service
/// is merely killed. When 6 turns into 0, the state files say what is stopped; links do not.
DoneServices FromOldLevel(const PlanInput& input, bool stop, bool serial) {
  const std::string& previous = input.request.previous;
  const bool down = IsFinal(input.request.level);
  if (!input.dialect.state_always && (serial || down)) return {};
  if (down && IsFinal(previous)) return {};
  return {Services(input.tree.previous, stop ? 'K' : 'S', /*usable_only=*/false), false,
          (stop ? "stopped already in level " : "runs already in level ") + previous};
}

DoneServices FromBothLevels(const PlanInput& input, bool stop) {
  return {stop ? Services(input.tree.level, 'S', /*usable_only=*/true)
               : Services(input.tree.previous, 'K', /*usable_only=*/true),
          false,
          stop ? "runs on in level " + input.request.level
               : "runs already in level " + input.request.previous};
}

DoneServices FromLockFiles(const PlanInput& input, bool stop) {
  DoneServices done{input.tree.locks, stop,
                    stop ? "no lock file: it does not run" : "a lock file: it runs already"};
  for (const std::string& name : input.tree.locks) {
    if (name.ends_with(".init")) done.listed.insert(name.substr(0, name.size() - 5));
  }
  return done;
}

}  // namespace

std::string WhyNever(const PlanInput& input, const std::string& service, Action action) {
  if (Contains(input.settings.skip, service)) return "curfew.skip= on the kernel command line";
  if (action == Action::kStop && input.settings.never_stop.contains(service))
    return "STOP=no of this service in the settings";
  return Contains(input.request.already_stopped, service) ? "stopped already in this shutdown" : "";
}

DoneServices FindDoneServices(const PlanInput& input, const PassSource& source, bool serial) {
  const bool stop = source.action == Action::kStop;
  if (!source.omits_done) return {};
  switch (input.dialect.state_from) {
    case StateFrom::kOldLevel:
      return FromOldLevel(input, stop, serial);
    case StateFrom::kBothLevels:
      return FromBothLevels(input, stop);
    case StateFrom::kLockFiles:
      break;
  }
  return FromLockFiles(input, stop);
}

}  // namespace curfew
