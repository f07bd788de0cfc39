// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "final/context/stage_context.h"

namespace curfew {

/// The processes that a list of `initctl list` names: in each line the number after the last
/// "process ", as Debian's sendsigs reads it.
std::set<pid_t> ParseJobs(std::string_view list);

/// The processes of Upstart's jobs, which have stop rules of their own. /sbin/initctl, where there
/// is one, tells them; it has 2 s.
class UpstartJobs {
 public:
  explicit UpstartJobs(StageContext& context);

  /// Asks again: a job may have started since. What was a job once stays one. Once initctl has
  /// failed or was late, it is not asked again.
  void Refresh();
  bool Contain(pid_t pid) const { return processes_.contains(pid); }

 private:
  void ReportFailure(const std::string& arguments, std::error_code error);

  StageContext& context_;
  bool answers_;
  std::set<pid_t> processes_;
};

}  // namespace curfew
