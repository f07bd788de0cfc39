// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>

#include "kernel/kernel.h"
#include "run/plan_view.h"

namespace curfew {

/// What to print of a plan.
struct PlanOutput {
  std::string text;
  std::string error;  ///< one line, if there is nothing to print
};

/// What `curfew plan` and `rc --dry-run` do: asks for the plan of a change to `level` ("": that of
/// $RUNLEVEL) of the system below `root`, prints its warnings to standard error, each behind
/// `program`, and what `print` makes of it to standard output. Returns the exit status: 0, or 1
/// with one line where there is no such root or level, or no plan.
int ShowPlan(Kernel& kernel, const std::string& program, const std::string& root,
             const std::string& level, const std::function<PlanOutput(const PlanView&)>& print);

}  // namespace curfew
