// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/utmp.h"
#include "kernel/kernel.h"
#include "plan/request.h"
#include "run/longest_time.h"
#include "run/unstopped.h"

namespace curfew {

/// How long a script takes, as earlier shutdowns tell.
struct ScriptTime {
  std::optional<std::chrono::microseconds> usual;  ///< none: no trace knows
  std::chrono::microseconds slack{0};              ///< Slack::Of
};

/// A plan with what a person wants to know besides.
struct PlanView {
  LevelChange change;
  std::map<std::string, std::string> cannot_run;  ///< by Script::path, WhyCannotRun()
  LongestTime longest;
  std::vector<std::vector<ScriptTime>> times;  ///< by pass, and by script in it
  std::vector<Unstopped> unstopped;            ///< of a plan that is down and of the machine itself
  std::vector<Login> logins;                   ///< of a plan that is down
};

/// Looks at the scripts of the plan, at the processes and at utmp. A real run does not ask.
PlanView ViewPlan(Kernel& kernel, const std::string& root, LevelChange change);

}  // namespace curfew
