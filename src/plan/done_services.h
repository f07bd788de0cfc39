// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>

#include "plan/input.h"

namespace curfew {

/// Why `service` does not run in any pass: the kernel command line excludes it, or this shutdown
/// has stopped it. Empty if it may run.
std::string WhyNever(const PlanInput& input, const std::string& service);

/// The services that a pass need not start or stop, because they run or are stopped already.
class DoneServices {
 public:
  /// `serial`: the plan runs one script at a time.
  DoneServices(const PlanInput& input, const PassSource& source, bool serial);

  /// Why `service` need not run in the pass; empty if it must.
  std::string Why(const std::string& service) const;

 private:
  void FromOldLevel(bool serial);
  void FromBothLevels();
  void FromLockFiles();
  void Insert(const LinkDirectory& directory, char letter, bool usable_only);

  const PlanInput& input_;
  const Action action_;
  std::set<std::string> listed_;
  bool listed_must_run_ = false;  ///< `listed_` holds the services that must run, not the done ones
  std::string reason_;            ///< empty: no service is done
};

}  // namespace curfew
