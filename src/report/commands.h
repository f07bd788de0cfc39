// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "report/kept_runs.h"
#include "report/log_text.h"

namespace curfew {

/// What a person typed behind `curfew report`, `blame`, `chain` or `log`.
struct ReportRequest {
  std::string root;  ///< as config/rooted.h has it
  RunKind kind = RunKind::kShutdowns;
  bool json = false;
  std::vector<std::string> operands;
  std::size_t width = 80;  ///< columns of the terminal
};

/// What goes to standard error, a line each, safe for a terminal.
struct ReportAnswer {
  std::string problem;  ///< why nothing was shown; empty: all is well
  std::vector<std::string> warnings;
};

ReportAnswer ShowReport(const ReportRequest& request, const Sink& sink);
ReportAnswer ShowBlame(const ReportRequest& request, const Sink& sink);
ReportAnswer ShowChain(const ReportRequest& request, const Sink& sink);
ReportAnswer ShowLog(const ReportRequest& request, const Sink& sink);

}  // namespace curfew
