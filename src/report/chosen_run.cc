// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/chosen_run.h"

#include "text/text.h"
#include "trace/kept_trace.h"
#include "trace/trace.h"

namespace curfew {
namespace {

std::string Unreadable(const std::string& path, std::error_code error) {
  std::string text = path + ": " + error.message();
  if (error == std::errc::permission_denied) text += "; root and the group adm may read it";
  return text;
}

std::string None(RunKind kind) {
  return kind == RunKind::kShutdowns
             ? std::string(kKeptTraces) + " has no shutdown; --boot shows boots"
             : std::string(kKeptTraces) + " has no boot; without --boot it is shutdowns";
}

std::vector<std::string> Warnings(const RunSource& source, const RecordedRun& run) {
  std::vector<std::string> warnings;
  const auto warn = [&](const std::string& text) { warnings.push_back(source.path + ": " + text); };
  if (source.in_memory) warn("the trace in memory; it is not complete while it goes on");
  if (run.schema > kTraceSchema) warn("by a newer curfew; what this one knows of it is shown");
  if (run.cut_off) warn("longer than 64 MiB; the rest is not read");
  if (run.damage.torn) warn("the last line is torn, and left out");
  if (run.damage.unreadable > 0) {
    warn(std::to_string(run.damage.unreadable) + " lines are no events, and left out");
  }
  if (run.dropped > 0) warn("more than one run can have; the rest is left out");
  return warnings;
}

}  // namespace

ChosenRun ChooseRun(const RunChoice& choice) {
  ChosenRun chosen;
  auto runs = ListRuns(choice.root, choice.kind);
  const auto fail = [&](const std::string& problem) {
    chosen.problem = problem;
    return chosen;
  };
  const auto number = ParseNumber<std::size_t>(choice.number.empty() ? "1" : choice.number);
  if (!number || *number == 0) {
    return fail(choice.number + ": no number of a run; 1 is the last, 2 the one before");
  }
  if (!runs) return fail(Unreadable(kKeptTraces, runs.error));
  if (runs.value.empty()) return fail(None(choice.kind));
  const std::size_t count = runs.value.size();
  if (*number > count) {
    return fail("only " + std::to_string(count) + " are kept in " + kKeptTraces +
                "; 1 is the last, " + std::to_string(count) + " the oldest");
  }
  chosen.all = std::move(runs.value);
  chosen.index = count - *number;
  auto loaded = LoadRun(chosen.source());
  if (!loaded) return fail(Unreadable(chosen.source().path, loaded.error));
  if (!loaded.value.run.began) return fail(chosen.source().path + ": no trace: it begins nothing");
  chosen.loaded = std::move(loaded.value);
  chosen.warnings = Warnings(chosen.source(), chosen.loaded.run);
  return chosen;
}

}  // namespace curfew
