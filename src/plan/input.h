// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "plan/dialect.h"
#include "plan/plan.h"
#include "plan/tree.h"

namespace curfew {

/// All that decides a plan.
struct PlanInput {
  const Dialect& dialect;
  const Request& request;
  const Settings& settings;
  const Tree& tree;
};

/// Which links one pass of a plan is made of, and how they are ordered.
struct PassSource {
  const LinkDirectory& directory;
  Action action = Action::kStop;
  const Depend& depend;
  bool by_name = false;    ///< one script at a time, in the order of the links' names
  bool omits_done = true;  ///< without services that run already (start) or are stopped (stop)
  std::string_view only_service = {};  ///< if set: the pass is this service alone
  std::string_view ran_before = {};    ///< if set: an earlier pass of the plan runs this service
};

}  // namespace curfew
