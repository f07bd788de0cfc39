// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/request.h"

#include <initializer_list>

namespace curfew {
namespace {

const std::string& FirstOf(std::initializer_list<const std::string*> values) {
  for (const std::string* value : values) {
    if (!value->empty()) return *value;
  }
  return **values.begin();
}

std::string LevelOf(const Dialect& dialect, const std::string& argument, const std::string& init,
                    const std::string& utmp) {
  // boot and halt are no levels of init's, who never puts them into the environment.
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

/// SUSE's rc under init: what was started by hand in S did not boot the machine (bnc#709825).
AfterSingle WhatIsOpen(const Dialect& dialect, const Request& request, const Environment& value,
                       bool cold) {
  if (dialect.after_single.empty()) return AfterSingle::kNothing;
  // Level 0 and 6 have found it out, and say it to what they call.
  if (request.level == dialect.halt_level) {
    return value("COLD_BOOT") == "yes" ? AfterSingle::kBoot : AfterSingle::kNothing;
  }
  if (request.previous != "S" || request.level == dialect.boot_level ||
      value("INIT_VERSION").empty()) {
    return AfterSingle::kNothing;
  }
  return cold ? AfterSingle::kBoot : AfterSingle::kDevices;
}

}  // namespace

Request MakeRequest(const Dialect& dialect, const std::string& argument, const Environment& value,
                    const MachineState& machine) {
  Request request;
  request.level = LevelOf(dialect, argument, value("RUNLEVEL"), machine.level);
  const bool utmp_first = dialect.level_source == LevelSource::kUtmp && !machine.previous.empty();
  const std::string previous = utmp_first ? machine.previous : value("PREVLEVEL");
  if (!previous.empty()) request.previous = previous;
  request.init_halt = value("INIT_HALT");
  request.after_single = WhatIsOpen(dialect, request, value, machine.cold);
  return request;
}

bool GoesOnDown(const Dialect& dialect, const Request& request) {
  if (!dialect.halt_level.empty() && request.level == dialect.halt_level) return true;
  return IsFinal(request.level) && IsFinal(request.previous);
}

}  // namespace curfew
