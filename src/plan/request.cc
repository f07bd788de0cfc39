// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/request.h"

#include <initializer_list>
#include <utility>

namespace curfew {
namespace {

/// The first of the values that is not empty.
const std::string& FirstOf(std::initializer_list<const std::string*> values) {
  for (const std::string* value : values) {
    if (!value->empty()) return *value;
  }
  return **values.begin();
}

std::string LevelOf(const Dialect& dialect, const std::string& argument, const std::string& init,
                    const std::string& utmp) {
  // init does not know the levels boot and halt, and never puts them into the environment.
  const bool pseudo = argument.size() > 1 && IsLevel(dialect, argument);
  switch (dialect.level_source) {
    case LevelSource::kEnvironment:
      return pseudo ? argument : FirstOf({&init, &argument});
    case LevelSource::kUtmp:
      return FirstOf({&argument, &utmp, &init});
    case LevelSource::kArgument:
      break;
  }
  return FirstOf({&argument, &init});
}

/// Level S boots SUSE's machine only if init runs rc: what a person started in S by hand is no boot
/// (bnc#709825).
AfterSingle AfterSingleOf(const Dialect& dialect, const Request& request,
                          const Environment& environment, bool cold) {
  if (dialect.after_single.empty()) return AfterSingle::kNothing;
  // The rc of level 0 and 6 has found it out, and passes it on to the level that it calls.
  if (request.level == dialect.halt_level) {
    return environment("COLD_BOOT") == "yes" ? AfterSingle::kBoot : AfterSingle::kNothing;
  }
  if (request.previous != "S" || request.level == dialect.boot_level ||
      environment("INIT_VERSION").empty()) {
    return AfterSingle::kNothing;
  }
  return cold ? AfterSingle::kBoot : AfterSingle::kDevices;
}

/// The services that this shutdown has stopped stay stopped. The K links of the others may be those
/// of the level from which the shutdown came.
void Continue(const Dialect& dialect, const ShutdownRecord& recorded, Request* request) {
  request->already_stopped = recorded.stopped;
  if (StopsOldLevel(dialect, request->level) && !recorded.previous.empty()) {
    request->previous = recorded.previous;
  }
}

/// The environment that init would set if the level were changed now.
Environment ExpectedEnvironment(const std::string& level, const std::string& level_of_now,
                                const Environment& environment) {
  return [=](const std::string& name) {
    if (name == "RUNLEVEL") return level;
    const std::string value = environment(name.c_str());
    if (name == "PREVLEVEL" && value.empty()) return level_of_now;
    return name == "INIT_VERSION" && value.empty() ? "any" : value;
  };
}

}  // namespace

Request MakeRequest(const Dialect& dialect, const std::string& argument,
                    const Environment& environment, const MachineState& machine) {
  Request request;
  request.level = LevelOf(dialect, argument, environment("RUNLEVEL"), machine.level);
  const bool utmp_first = dialect.level_source == LevelSource::kUtmp && !machine.previous.empty();
  const std::string previous = utmp_first ? machine.previous : environment("PREVLEVEL");
  if (!previous.empty()) request.previous = previous;
  request.init_halt = environment("INIT_HALT");
  request.after_single = AfterSingleOf(dialect, request, environment, machine.cold);
  return request;
}

bool ContinuesShutdown(const Dialect& dialect, const Request& request) {
  if (!dialect.halt_level.empty() && request.level == dialect.halt_level) return true;
  return IsFinal(request.level) && IsFinal(request.previous);
}

LevelChange PlanFor(Kernel& kernel, const std::string& root, const std::string& level,
                    const Environment& environment, const ShutdownRecord& recorded,
                    PlanCaller caller) {
  LevelChange change;
  std::vector<std::string> warnings;
  change.settings = LoadSettings(root, &warnings);
  const Dialect& dialect = DialectOf(change.settings.layout);
  MachineState machine = LoadMachineState(root, dialect);
  Environment seen = environment;
  if (caller == PlanCaller::kPerson && environment("RUNLEVEL").empty()) {
    seen = ExpectedEnvironment(level, LoadUtmpLevels(root).level, environment);
    machine.level = machine.previous = "";
  }
  change.request = MakeRequest(dialect, level, seen, machine);
  if (change.request.level.empty()) return change;
  change.request.trace = change.settings.trace;
  if (!level.empty() && change.request.level != level) {
    warnings.push_back("level " + level + " is asked for, RUNLEVEL=" + change.request.level +
                       " counts");
  }
  change.continues_shutdown = ContinuesShutdown(dialect, change.request);
  if (change.continues_shutdown) Continue(dialect, recorded, &change.request);
  const Tree tree = LoadTree(kernel, root, dialect, change.request);
  for (const LinkDirectory* links : {&tree.level, &tree.previous, &tree.boot}) {
    if (links->error) change.unreadable = links->path + ": " + links->error.message();
  }
  change.plan = MakePlan(change.request, change.settings, tree);
  warnings.insert(warnings.end(), change.plan.warnings.begin(), change.plan.warnings.end());
  change.plan.warnings = std::move(warnings);
  return change;
}

}  // namespace curfew
