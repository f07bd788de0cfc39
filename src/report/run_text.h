// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/json/fwd.hpp>
#include <string>

#include "report/chosen_run.h"
#include "report/usual_times.h"

namespace curfew {

// What the commands print of one run: text for people, folded to `width`, safe for a terminal; or
// JSON, whose schema curfew-trace(5) has.

/// The verdict, a table of the services, what was unusual, and what was left, lost or killed.
std::string ReportText(const ChosenRun& chosen, const UsualTimes& usual, std::size_t width);
boost::json::object ReportJson(const ChosenRun& chosen, const UsualTimes& usual);

/// Services and stages, the slowest first.
std::string BlameText(const RecordedRun& run, std::size_t width);
boost::json::array BlameJson(const RecordedRun& run);

/// What the run waited for, from its end backwards, each with the reason.
std::string ChainText(const RecordedRun& run, std::size_t width);
boost::json::array ChainJson(const RecordedRun& run);

/// "ended", "failed (exit status 1)", "left alone (no progress for 90 s)"
std::string OutcomeText(const RecordedScript& script);
/// "ended", "failed", "not-installed", "not-configured", "abandoned", "skipped", "running",
/// "planned"
const char* OutcomeWord(RecordedOutcome outcome);

}  // namespace curfew
