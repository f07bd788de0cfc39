// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <boost/json.hpp>

#include "console/escape.h"
#include "console/table.h"
#include "report/critical_chain.h"
#include "report/json_text.h"
#include "report/run_text.h"
#include "report/time_text.h"

namespace curfew {
namespace {

using Why = ChainStep::Why;

/// A delay from here on is told.
constexpr long long kLate = 100000;

/// Stages that took less are counted.
constexpr long long kShort = 50000;

std::string Reason(const ChainStep& step) {
  std::string text;
  switch (step.why) {
    case Why::kFromStart:
      text = "from the start";
      break;
    case Why::kDependency:
      text = "after " + step.before;
      break;
    case Why::kTurn:
      text = "when " + step.before + " had ended";
      break;
    case Why::kStages:
      if (!step.before.empty()) text = (step.first_stage ? "after " : "after stage ") + step.before;
      break;
    case Why::kUnknown:
      text = "nothing in the trace says why so late";
      break;
  }
  if (step.late_us >= kLate) text += ", " + DurationText(step.late_us) + " later";
  return step.running ? (text.empty() ? "" : text + "; ") + "had not ended" : text;
}

const char* ReasonWord(Why why) {
  switch (why) {
    case Why::kFromStart:
      return "from-start";
    case Why::kDependency:
      return "after";
    case Why::kTurn:
      return "turn";
    case Why::kStages:
      return "stages";
    case Why::kUnknown:
      break;
  }
  return "unknown";
}

long long SinceBegin(const RecordedRun& run, const ChainStep& step) {
  return std::max(0LL, step.begin_us - run.begin_us.value_or(step.begin_us));
}

std::string Title(const RecordedRun& run, const std::vector<ChainStep>& steps) {
  if (steps.empty()) return "No script ran, and no stage.";
  if (run.edges_known) return "What it waited for, the last first:";
  return "What it waited for, the last first (a trace of this age has no dependencies):";
}

}  // namespace

std::string ChainText(const RecordedRun& run, std::size_t width) {
  const std::vector<ChainStep> steps = CriticalChain(run);
  std::vector<Row> rows;
  std::size_t short_stages = 0;
  for (const ChainStep& step : steps) {
    if (step.stage && !step.running && step.took_us < kShort) {
      ++short_stages;
      continue;
    }
    rows.push_back({DurationText(step.took_us), "+" + DurationText(SinceBegin(run, step)),
                    (step.stage ? "stage " : "") + Escaped(step.name), Escaped(Reason(step))});
  }
  if (!rows.empty()) rows.insert(rows.begin(), {"took", "from", "what", "began"});
  std::string text = Folded(Title(run, steps), width) + Table(rows, width, "01");
  if (short_stages > 0) {
    text += Folded("And " + std::to_string(short_stages) + " stages, each shorter than " +
                       DurationText(kShort) + ": curfew blame has them.",
                   width);
  }
  return text;
}

boost::json::array ChainJson(const RecordedRun& run) {
  boost::json::array items;
  for (const ChainStep& step : CriticalChain(run)) {
    items.push_back({{"name", step.name},
                     {"kind", step.stage ? "stage" : "service"},
                     {"began_us", SinceBegin(run, step)},
                     {"took_us", step.took_us},
                     {"ended", !step.running},
                     {"reason", ReasonWord(step.why)},
                     {"waited_for", step.before},
                     {"late_us", step.late_us}});
  }
  return items;
}

}  // namespace curfew
