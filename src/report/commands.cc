// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/commands.h"

#include <algorithm>
#include <boost/json.hpp>

#include "console/escape.h"
#include "report/chosen_run.h"
#include "report/json_text.h"
#include "report/run_text.h"
#include "text/text.h"

namespace curfew {
namespace {

ReportAnswer Problem(const std::string& text) {
  return {Escaped(text), {}};
}

ReportAnswer Shown(const ChosenRun& chosen) {
  ReportAnswer answer;
  for (const std::string& warning : chosen.warnings) answer.warnings.push_back(Escaped(warning));
  return answer;
}

/// The run that a command is about which has one operand, N.
ChosenRun ChooseOne(const ReportRequest& request) {
  if (request.operands.size() <= 1) {
    return ChooseRun(
        {request.root, request.kind, request.operands.empty() ? "" : request.operands[0]});
  }
  ChosenRun none;
  none.problem = "more than one N; curfew --help says more";
  return none;
}

/// Of the runs of the same kind that are next to the chosen one.
UsualTimes UsualOf(const ChosenRun& chosen) {
  constexpr std::size_t kMost = 10;
  UsualTimes usual;
  const std::size_t last = std::min(chosen.all.size(), std::max(chosen.index, kMost) + 1);
  for (std::size_t i = last - std::min(last, kMost + 1); i < last; ++i) {
    if (i == chosen.index) continue;
    const auto loaded = LoadRun(chosen.all[i], EventKinds::kWithoutOutput);
    if (loaded) usual.Add(loaded.value.run);
  }
  return usual;
}

/// Whether a word is N and no name.
bool IsNumber(const std::string& word) {
  return !word.empty() && std::all_of(word.begin(), word.end(),
                                      [](unsigned char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

ReportAnswer ShowReport(const ReportRequest& request, const Sink& sink) {
  const ChosenRun chosen = ChooseOne(request);
  if (!chosen.problem.empty()) return Problem(chosen.problem);
  const UsualTimes usual = UsualOf(chosen);
  sink(request.json ? JsonText(ReportJson(chosen, usual)) + "\n"
                    : ReportText(chosen, usual, request.width));
  return Shown(chosen);
}

ReportAnswer ShowBlame(const ReportRequest& request, const Sink& sink) {
  const ChosenRun chosen = ChooseOne(request);
  if (!chosen.problem.empty()) return Problem(chosen.problem);
  const RecordedRun& run = chosen.loaded.run;
  sink(request.json ? JsonLines(BlameJson(run)) : BlameText(run, request.width));
  return Shown(chosen);
}

ReportAnswer ShowChain(const ReportRequest& request, const Sink& sink) {
  const ChosenRun chosen = ChooseOne(request);
  if (!chosen.problem.empty()) return Problem(chosen.problem);
  const RecordedRun& run = chosen.loaded.run;
  sink(request.json ? JsonLines(ChainJson(run)) : ChainText(run, request.width));
  return Shown(chosen);
}

ReportAnswer ShowLog(const ReportRequest& request, const Sink& sink) {
  std::string name, number;
  for (const std::string& word : request.operands) {
    std::string& operand = IsNumber(word) ? number : name;
    if (word.empty() || !operand.empty()) {
      return Problem("log has one NAME and one N; curfew --help says more");
    }
    operand = word;
  }
  const ChosenRun chosen = ChooseRun({request.root, request.kind, number});
  if (!chosen.problem.empty()) return Problem(chosen.problem);
  const RecordedRun& run = chosen.loaded.run;
  LogFilter filter;
  if (!name.empty()) filter.service = ServiceNamed(run, name);
  if (!name.empty() && filter.service.empty()) {
    std::string problem = name + ": not in " + chosen.source().path;
    std::string close;
    for (const std::string& one : CloseNames(run, name)) close += (close.empty() ? "" : ", ") + one;
    return Problem(problem + (close.empty() ? "; curfew blame lists what is" : "; near: " + close));
  }
  request.json ? WriteLogJson(chosen.loaded, filter, sink) : WriteLog(chosen.loaded, filter, sink);
  return Shown(chosen);
}

}  // namespace curfew
