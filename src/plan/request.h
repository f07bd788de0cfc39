// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plan/dialect.h"
#include "plan/plan.h"
#include "plan/tree.h"

namespace curfew {

/// The value of an environment variable; empty if it is not set.
using Environment = std::function<std::string(const char* name)>;

/// Which change of level is meant, as the dialect reads the argument, the environment that init
/// sets, and the state of the machine. `level` is empty if none of them names one.
Request MakeRequest(const Dialect& dialect, const std::string& argument,
                    const Environment& environment, const MachineState& machine);

/// Whether the request belongs to a shutdown that has begun already: 6 turned into 0, or a level
/// that scripts of level 0 and 6 change to.
bool ContinuesShutdown(const Dialect& dialect, const Request& request);

/// What the state files record of a shutdown.
struct ShutdownRecord {
  std::vector<std::string> stopped;  ///< services whose stop has ended
  std::string previous;              ///< the level from which the shutdown came; empty: unknown
};

/// A change of level, with all that rc needs to carry it out.
struct LevelChange {
  Settings settings;
  Request request;
  bool continues_shutdown = false;
  Plan plan;  ///< its warnings include those of the settings
  /// Why there is no plan: "/etc/rc0.d: Input/output error". Empty: there is one.
  std::string unreadable;
};

/// Who asks for a plan.
enum class PlanCaller {
  kInit,  ///< rc: the change has begun
  /// `curfew plan`, `rc --dry-run`: where the environment has no RUNLEVEL init has not begun the
  /// change, and the level that utmp records is the one that the change would leave.
  kPerson
};

/// Makes the plan of a change to `level` of the system below `root` ("" is the machine itself): the
/// one way from settings, dialect, state of the machine and tree to a plan. `recorded` counts only
/// if the change continues a shutdown. The plan is empty if request.level is.
LevelChange PlanFor(Kernel& kernel, const std::string& root, const std::string& level,
                    const Environment& environment, const ShutdownRecord& recorded,
                    PlanCaller caller);

}  // namespace curfew
