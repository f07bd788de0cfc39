// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "final/context/stage_context.h"

namespace curfew {

/// The pids in the output of `initctl list`: in each line the number after the last "process ", as
/// Debian's sendsigs reads it.
std::set<pid_t> ParseJobs(std::string_view list);

/// The processes of Upstart's jobs, which have stop rules of their own, from /sbin/initctl if there
/// is one. Each call of it may take 2 s.
class UpstartJobs {
 public:
  explicit UpstartJobs(StageContext& context);

  /// Calls initctl again, because a job may have started. The pids of earlier calls stay. Does
  /// nothing once initctl has failed or missed its limit.
  void Refresh();
  bool Contain(pid_t pid) const { return processes_.contains(pid); }

 private:
  void ReportFailure(const std::string& arguments, std::error_code error);

  StageContext& context_;
  bool answers_;
  std::set<pid_t> processes_;
};

}  // namespace curfew
