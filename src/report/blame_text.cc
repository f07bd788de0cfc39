// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <boost/json.hpp>

#include "console/escape.h"
#include "console/table.h"
#include "report/json_text.h"
#include "report/run_text.h"
#include "report/time_text.h"

namespace curfew {
namespace {

/// A service or a stage that took time.
struct Culprit {
  std::string name;
  std::string action;   ///< of a service; empty for a stage
  std::string outcome;  ///< for people; empty where all is well
  const char* word;     ///< for programs
  long long took_us;
};

long long UntilEnd(const RecordedRun& run, long long start_us) {
  return std::max(0LL, run.last_us.value_or(start_us) - start_us);
}

/// The slowest first.
std::vector<Culprit> Culprits(const RecordedRun& run) {
  std::vector<Culprit> culprits;
  for (const RecordedScript& script : run.scripts) {
    if (!script.start_us) continue;
    const long long took = script.DurationUs().value_or(UntilEnd(run, *script.start_us));
    const bool well = script.outcome == RecordedOutcome::kEnded;
    culprits.push_back({script.service, script.action, well ? "" : OutcomeText(script),
                        OutcomeWord(script.outcome), took});
  }
  for (const RecordedStage& stage : run.stages) {
    const bool ended = stage.took_us.has_value();
    culprits.push_back({stage.name, "", ended ? "" : "had not ended", ended ? "ended" : "running",
                        stage.took_us.value_or(UntilEnd(run, stage.start_us))});
  }
  std::stable_sort(culprits.begin(), culprits.end(),
                   [](const Culprit& a, const Culprit& b) { return a.took_us > b.took_us; });
  return culprits;
}

}  // namespace

std::string BlameText(const RecordedRun& run, std::size_t width) {
  std::vector<Row> rows;
  for (const Culprit& one : Culprits(run)) {
    rows.push_back({DurationText(one.took_us),
                    (one.action.empty() ? "stage " : "") + Escaped(one.name),
                    Escaped(one.outcome)});
  }
  return Table(rows, width, "0");
}

boost::json::array BlameJson(const RecordedRun& run) {
  boost::json::array items;
  for (const Culprit& one : Culprits(run)) {
    items.push_back({{"name", one.name},
                     {"kind", one.action.empty() ? "stage" : "service"},
                     {"action", one.action},
                     {"took_us", one.took_us},
                     {"outcome", one.word}});
  }
  return items;
}

}  // namespace curfew
