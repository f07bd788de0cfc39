// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "report/kept_runs.h"

namespace curfew {

using Sink = std::function<void(std::string_view)>;

/// Which events of a run are shown.
struct LogFilter {
  std::string service;  ///< "rc" and "halt" have their own; empty: all
};

/// Writes a line for each event: the wall clock, who, and what. The output of scripts stands as it
/// was written, other events in parentheses.
void WriteLog(const LoadedRun& loaded, const LogFilter& filter, const Sink& sink);

/// The same as an array of JSON, the edges of the plan as well.
void WriteLogJson(const LoadedRun& loaded, const LogFilter& filter, const Sink& sink);

/// The service that `name` means, which may be a link; empty if the run has none such.
std::string ServiceNamed(const RecordedRun& run, const std::string& name);

/// Names of services of the run that are spelled nearly as `name`, the nearest first.
std::vector<std::string> CloseNames(const RecordedRun& run, const std::string& name);

}  // namespace curfew
