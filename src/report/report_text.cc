// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <boost/json.hpp>

#include "console/escape.h"
#include "console/plain.h"
#include "console/table.h"
#include "report/json_text.h"
#include "report/run_text.h"
#include "report/time_text.h"
#include "report/verdict.h"

namespace curfew {
namespace {

using Outcome = RecordedOutcome;

/// The findings of an event, as a person calls them.
struct FindingName {
  const char* what;
  const char* name;
};
constexpr FindingName kFindings[] = {
    {"killed", "killed"},
    {"survivor", "did not end"},
    {"unwritten", "not written"},
    {"read-only", "NOT read-only"},
    {"mark", "not clean"},
    {"dead", "did not answer"},
    {"busy", "in use"},
    {"writable", "made writable"},
    {"hook", "hook"},
    {"closing", "not clean"},
    {"dead-man-end", "ended by the dead-man"},
};

std::string Joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

/// "record, quota", of a text that has commas alone.
std::string Spaced(const std::string& list) {
  std::string text;
  for (const char c : list) (text += c) += c == ',' ? " " : "";
  return text;
}

/// When a run began, by the wall clock.
std::optional<long long> WallBegin(const RecordedRun& run) {
  if (!run.wall_offset_us || !run.begin_us) return std::nullopt;
  const long long wall = *run.wall_offset_us + *run.begin_us;
  return wall >= 0 ? std::optional(wall) : std::nullopt;
}

/// By an earlier date the clock was not set yet.
constexpr long long kYear2000 = 946684800000000;

std::string When(const RecordedRun& run) {
  const auto wall = WallBegin(run);
  if (!wall) return "at a time that is not known";
  const std::string text = DateText(*wall) + " at " + ClockText(*wall).substr(0, 8);
  return *wall < kYear2000 ? text + " (clock not set)" : text;
}

long long TookUs(const RecordedRun& run) {
  return run.last_us && run.begin_us ? std::max(0LL, *run.last_us - *run.begin_us) : 0;
}

std::string Title(const ChosenRun& chosen) {
  const RecordedRun& run = chosen.loaded.run;
  const std::string first = run.levels.empty() ? "" : run.levels.front();
  const bool boot = first == "S" || first == "boot";
  std::string text = run.IsShutdown() ? "Shutdown" : boot ? "Boot" : "Change of level";
  const unsigned long number = chosen.source().number;
  if (number > 0) text += " " + std::to_string(number);
  std::string to;
  for (const std::string& level : run.levels) to += (to.empty() ? "" : ", then ") + Escaped(level);
  const bool from = !boot && !run.previous.empty() && run.previous != "N";
  text += ": " + (from ? "level " + Escaped(run.previous) + " to " : std::string("to level ")) + to;
  return text + ", " + When(run) + ", in " + DurationText(TookUs(run));
}

/// "10 ended, 1 failed, 1 left alone; the slowest: ledger, 3.03 s"
std::string Summary(const RecordedRun& run) {
  constexpr std::pair<Outcome, const char*> kWords[] = {
      {Outcome::kEnded, "ended"},
      {Outcome::kFailed, "failed"},
      {Outcome::kNotInstalled, "not installed"},
      {Outcome::kNotConfigured, "not configured"},
      {Outcome::kAbandoned, "left alone"},
      {Outcome::kSkipped, "skipped"},
      {Outcome::kRunning, "without an end"},
      {Outcome::kPlanned, "not begun"},
  };
  std::vector<std::string> parts;
  for (const auto& word : kWords) {
    const auto count = std::count_if(run.scripts.begin(), run.scripts.end(),
                                     [&](const auto& one) { return one.outcome == word.first; });
    if (count > 0) parts.push_back(std::to_string(count) + " " + word.second);
  }
  if (parts.empty()) return "No script ran.";
  return "Services: " + Joined(parts);
}

/// "usually 0.20 s" of a script that was slow; empty for others.
std::string Unusual(const RecordedScript& script, const UsualTimes& usual) {
  const auto took = script.DurationUs();
  const auto normal = usual.Of(script);
  if (!took || !normal || !IsUnusual(*took, *normal)) return "";
  return "usually " + DurationText(*normal);
}

/// Bytes of a script's last line that are shown; curfew log has all of it.
constexpr std::size_t kMostOfLine = 200;

/// What is told of a script beside its times.
std::string Remark(const RecordedRun& run, const RecordedScript& script, const UsualTimes& usual) {
  std::string text = OutcomeText(script);
  if (!run.IsShutdown() && script.action == "stop") text = "stop " + text;
  if (!script.stages.empty()) text += "; stage " + Spaced(script.stages);
  const std::string unusual = Unusual(script, usual);
  if (!unusual.empty()) text += "; " + unusual;
  const bool well = script.outcome == Outcome::kEnded || script.outcome == Outcome::kSkipped;
  if (!well && !script.last_line.empty()) {
    text += "; last line: " + PlainLine(script.last_line).substr(0, kMostOfLine);
  }
  return Escaped(text);
}

/// Stages that took less are left to `curfew blame`.
constexpr long long kShortStage = 100000;

std::string Services(const RecordedRun& run, const UsualTimes& usual, std::size_t width) {
  std::vector<const RecordedScript*> scripts;
  for (const RecordedScript& script : run.scripts) scripts.push_back(&script);
  const auto begin = [](const RecordedScript* one) { return one->start_us.value_or(INT64_MAX); };
  std::stable_sort(scripts.begin(), scripts.end(),
                   [&](const auto* a, const auto* b) { return begin(a) < begin(b); });
  std::vector<Row> rows = {{"took", "from", "service", "end"}};
  for (const RecordedScript* script : scripts) {
    const auto took = script->DurationUs();
    const auto from = script->start_us.value_or(0) - run.begin_us.value_or(0);
    rows.push_back({took ? DurationText(*took) : "-",
                    script->start_us ? "+" + DurationText(std::max(0LL, from)) : "-",
                    Escaped(script->service), Remark(run, *script, usual)});
  }
  for (const RecordedStage& stage : run.stages) {
    if (stage.took_us && *stage.took_us < kShortStage) continue;
    rows.push_back({stage.took_us ? DurationText(*stage.took_us) : "-",
                    "+" + DurationText(std::max(0LL, stage.start_us - run.begin_us.value_or(0))),
                    "stage " + Escaped(stage.name), stage.took_us ? "ended" : "had not ended"});
  }
  return rows.size() == 1 ? "" : "\n" + Table(rows, width, "01");
}

/// A line for each change of level whose trace has the event "asked".
std::string Requests(const RecordedRun& run, std::size_t width) {
  std::string text;
  for (const RecordedRequest& request : run.requests)
    text += Folded(Escaped(RequestText(request)), width, 2);
  return text;
}

/// A line for each kind of thing that did not go as it should.
std::string Complaints(const RecordedRun& run, const UsualTimes& usual, std::size_t width) {
  std::string text;
  const auto tell = [&](const std::string& name, const std::vector<std::string>& parts) {
    if (!parts.empty()) text += Folded(name + ": " + Escaped(Joined(parts)), width, 2);
  };
  std::vector<std::string> left, failed, slow;
  for (const RecordedScript& script : run.scripts) {
    if (script.outcome == Outcome::kAbandoned) {
      left.push_back(script.service + (script.reason.empty() ? "" : " (" + script.reason + ")"));
    }
    if (script.outcome == Outcome::kSkipped) left.push_back(script.service + " (skipped)");
    if (script.outcome == Outcome::kFailed) {
      failed.push_back(script.service + (script.status.empty() ? "" : " (" + script.status + ")"));
    }
    const std::string unusual = Unusual(script, usual);
    if (!unusual.empty()) {
      slow.push_back(script.service + " (" + DurationText(*script.DurationUs()) + ", " + unusual +
                     ")");
    }
  }
  tell("left alone", left);
  tell("failed", failed);
  tell("unusually slow", slow);
  for (const FindingName& kind : kFindings) {
    std::vector<std::string> parts;
    for (const Finding& finding : run.findings) {
      if (finding.what == kind.what) parts.push_back(finding.text);
    }
    tell(kind.name, parts);
  }
  for (const std::string& note : run.notes) {
    if (!note.starts_with("hand-over:")) tell("note", {note});
  }
  return text;
}

boost::json::object ScriptJson(const RecordedRun& run, const RecordedScript& script,
                               const UsualTimes& usual) {
  std::optional<long long> began;
  if (script.start_us) began = std::max(0LL, *script.start_us - run.begin_us.value_or(0));
  return {{"service", script.service},
          {"link", script.link},
          {"action", script.action},
          {"stages", script.stages},
          {"after", boost::json::array(script.after.begin(), script.after.end())},
          {"began_us", JsonNumber(began)},
          {"took_us", JsonNumber(script.DurationUs())},
          {"usual_us", JsonNumber(usual.Of(script))},
          {"outcome", OutcomeWord(script.outcome)},
          {"status", script.status},
          {"reason", script.reason},
          {"last_line", script.last_line}};
}

}  // namespace

std::string OutcomeText(const RecordedScript& script) {
  const auto with = [](const char* word, const std::string& detail) {
    return detail.empty() ? std::string(word) : word + (" (" + detail + ")");
  };
  switch (script.outcome) {
    case Outcome::kPlanned:
      return "not begun";
    case Outcome::kRunning:
      return "had not ended";
    case Outcome::kEnded:
      return "ended";
    case Outcome::kFailed:
      return with("failed", script.status);
    case Outcome::kNotInstalled:
      return "not installed";
    case Outcome::kNotConfigured:
      return "not configured";
    case Outcome::kAbandoned:
      return with("left alone", script.reason);
    case Outcome::kSkipped:
      break;
  }
  return "skipped";
}

const char* OutcomeWord(RecordedOutcome outcome) {
  constexpr const char* kWords[] = {"planned",       "running",        "ended",     "failed",
                                    "not-installed", "not-configured", "abandoned", "skipped"};
  return kWords[static_cast<std::size_t>(outcome)];
}

std::string ReportText(const ChosenRun& chosen, const UsualTimes& usual, std::size_t width) {
  const RecordedRun& run = chosen.loaded.run;
  const Verdict verdict = JudgeRun(run, chosen.source().in_memory);
  return Folded(Title(chosen), width, 2) + Folded(Escaped(verdict.text), width, 2) +
         Folded(Summary(run), width, 2) + Requests(run, width) + Complaints(run, usual, width) +
         Services(run, usual, width);
}

boost::json::object ReportJson(const ChosenRun& chosen, const UsualTimes& usual) {
  const RecordedRun& run = chosen.loaded.run;
  const Verdict verdict = JudgeRun(run, chosen.source().in_memory);
  boost::json::array services, stages, findings, asked;
  for (const RecordedRequest& request : run.requests) asked.push_back(RequestJson(request));
  for (const RecordedScript& script : run.scripts) {
    services.push_back(ScriptJson(run, script, usual));
  }
  for (const RecordedStage& stage : run.stages) {
    stages.push_back({{"stage", stage.name},
                      {"began_us", std::max(0LL, stage.start_us - run.begin_us.value_or(0))},
                      {"took_us", JsonNumber(stage.took_us)}});
  }
  for (const Finding& finding : run.findings) {
    findings.push_back({{"what", finding.what}, {"text", finding.text}});
  }
  const auto wall = WallBegin(run);
  return {{"file", chosen.source().path},
          {"number", chosen.source().number},
          {"schema", run.schema},
          {"levels", boost::json::array(run.levels.begin(), run.levels.end())},
          {"previous", run.previous},
          {"wall_us", JsonNumber(wall)},
          {"began", wall ? boost::json::value(IsoText(*wall)) : boost::json::value(nullptr)},
          {"took_us", TookUs(run)},
          {"asked", asked},
          {"verdict", VerdictWord(verdict.kind)},
          {"verdict_text", verdict.text},
          {"services", services},
          {"stages", stages},
          {"findings", findings},
          {"notes", boost::json::array(run.notes.begin(), run.notes.end())}};
}

}  // namespace curfew
