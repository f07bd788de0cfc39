// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>

#include "plan/input.h"

namespace curfew {

/// Why `service` does not run in a pass of this action: the kernel command line excludes it, this
/// shutdown has stopped it, or a setting says never to stop it. Empty if it may run.
std::string WhyNever(const PlanInput& input, const std::string& service, Action action);

/// The services that a pass need not start or stop, because they run or are stopped already.
struct DoneServices {
  std::set<std::string> listed;
  bool listed_must_run = false;  ///< `listed` has the services that must run; all others are done
  std::string why_done;          ///< "runs already in level 2"; empty: no service is done

  bool Has(const std::string& service) const {
    return !why_done.empty() && listed.contains(service) != listed_must_run;
  }
};

/// `serial`: the plan runs one script at a time.
DoneServices FindDoneServices(const PlanInput& input, const PassSource& source, bool serial);

}  // namespace curfew
