// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "kernel/kernel.h"
#include "plan/request.h"

namespace curfew {

/// A service that runs and has no stop script in a plan.
struct Unstopped {
  std::string service;
  std::vector<std::string> processes;  ///< "cron[812]"
};

/// The services of this machine, by the names of its init scripts, that the kill stage ends because
/// no script of the plan stops them. That a service runs is known by its pid file alone, and those
/// that Debian's sendsigs omits are left out.
std::vector<Unstopped> FindUnstopped(Kernel& kernel, const LevelChange& change);

}  // namespace curfew
