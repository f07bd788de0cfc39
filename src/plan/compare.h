// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>

#include "plan/input.h"

namespace curfew {

/// Why `service` does not run whatever was before: the kernel command line, or what is recorded of
/// this shutdown. Empty if it may run.
std::string WhyNever(const Input& input, const std::string& service);

/// Which services of a pass need no start or stop because of what was before.
class Comparison {
 public:
  Comparison(const Input& input, const Source& source, const Plan& plan);

  /// Why `service` is left out; empty if it runs.
  std::string Reason(const std::string& service) const;

 private:
  void CompareLinks(bool serial);
  void CompareRunning();
  void CompareLocks();
  std::set<std::string> Services(const LinkDirectory& directory, char letter, bool usable) const;

  const Input& input_;
  const Action action_;
  std::set<std::string> named_;  ///< services that are left out, or with but_named_ all others
  bool but_named_ = false;
  std::string reason_;
};

/// Whether a link can be run without being tried.
bool IsUsable(const Link& link);

}  // namespace curfew
