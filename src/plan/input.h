// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "plan/dialect.h"
#include "plan/plan.h"
#include "plan/tree.h"

namespace curfew {

/// All that decides a plan.
struct Input {
  const Dialect& dialect;
  const Request& request;
  const Settings& settings;
  const Tree& tree;
};

/// Where one pass of a plan comes from, and how it is ordered.
struct Source {
  const LinkDirectory& directory;
  Action action = Action::kStop;
  const TextFile& depend;
  bool by_name = false;         ///< strictly one after the other, as the links' names say
  bool compares = true;         ///< what runs already is not started, what is stopped not stopped
  std::string_view only = {};   ///< if set: this service alone
  std::string_view apart = {};  ///< if set: a service that an earlier pass of the plan has run
};

}  // namespace curfew
