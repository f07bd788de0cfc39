// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/recorded_run.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace curfew {
namespace {

/// No machine has more services, stages or mounts: a trace that has is not rc's, and must not take
/// all memory.
constexpr std::size_t kMost = 20000;
/// Edges of all scripts.
constexpr std::size_t kMostEdges = 200000;

/// Keeps the trace on the disk beside the scripts and stages; nothing waits for it.
constexpr std::string_view kGuardStage = "trace";

class Reader {
 public:
  void Take(const TraceEvent& event) {
    const std::string name = event.Name();
    if (name == "next-boot") return TakeNextBoot(event);  // its clock is another boot's
    if (const auto time = event.Time("time_us")) run_.last_us = now_ = *time;
    if (name == "begin") return Begin(event);
    if (name == "asked") Add(run_.requests, ReadRequest(event));
    if (name == "scripts-end") run_.scripts_end = true;
    if (name == "trace-end") run_.trace_end = true;
    // Behind the last script come the lines that sum up what the trace has already.
    if (name == "note" && !run_.scripts_end) Add(run_.notes, event.Text("text"));
    if (name == "stage-start" || name == "stage-end") return TakeStage(event, name);
    if (!event.Text("service").empty()) return TakeScript(event, name);
    if (name == "closing") return Close(event);
    const std::string text = FindingText(event, name);
    if (!text.empty()) Find(event, {name, text});
  }

  RecordedRun Done() { return std::move(run_); }

 private:
  void Begin(const TraceEvent& event) {
    if (!std::exchange(run_.began, true)) {
      run_.previous = event.Text("previous");
      run_.begin_us = now_;
    }
    run_.schema = std::max(run_.schema, event.Number("schema").value_or(0));
    Add(run_.levels, event.Text("level"));
    if (const auto wall = event.Time("wall_us")) run_.wall_offset_us = *wall - now_;
    run_.scripts_end = run_.trace_end = false;
    run_.next_boot.reset();
  }

  void TakeNextBoot(const TraceEvent& event) {
    run_.next_boot = {event.Number("clean") == 1, event.Text("reason")};
  }

  /// The last halt's word counts.
  void Close(const TraceEvent& event) {
    std::erase_if(run_.findings, [](const Finding& f) { return f.what == "closing"; });
    const std::string left = event.Text("left");
    if (!left.empty()) Add(run_.findings, {"closing", left});
  }

  void TakeStage(const TraceEvent& event, const std::string& name) {
    const std::string stage = event.Text("stage");
    if (name == "stage-start") {
      const bool own = stage != kGuardStage && !native_.contains(stage);
      if (own) Add(run_.stages, {stage, now_, {}});
      // The machine ends in this stage: the trace has no end of it.
      if (own && stage == "power") run_.stages.back().took_us = 0;
      return;
    }
    if (run_.stages.empty() || run_.stages.back().name != stage) return;
    RecordedStage& last = run_.stages.back();
    last.took_us = event.Time("took_us").value_or(std::max(0LL, now_ - last.start_us));
  }

  void TakeScript(const TraceEvent& event, const std::string& name) {
    if (name == "line") return TakeOutput(event);
    if (name == "lost" || name == "process") return;
    RecordedScript* script = Script(event, name);
    if (!script) return;
    if (name == "script") return Plan(event, *script);
    if (name == "start") return Start(event, *script);
    if (name == "exit") return Exit(event, *script);
    if (name == "skipped") script->outcome = RecordedOutcome::kSkipped;
    if (name == "abandoned") Abandon(event, *script);
  }

  void Plan(const TraceEvent& event, RecordedScript& script) {
    run_.edges_known = true;
    Describe(event, script);
    script.after = event.Texts("after");
    edges_ += script.after.size();
    if (edges_ > kMostEdges) script.after.clear();
  }

  static void Describe(const TraceEvent& event, RecordedScript& script) {
    script.link = event.Text("link");
    script.stages = event.Text("stages");
  }

  void Start(const TraceEvent& event, RecordedScript& script) {
    // An rc that takes over writes another start event for each script that it adopts.
    if (script.start_us && !script.end_us) return;
    Describe(event, script);
    run_.stages.clear();  // those that count come after the last script
    script.start_us = now_;
    script.end_us.reset();
    script.outcome = RecordedOutcome::kRunning;
    for (const std::string_view stage : StagesOf(script)) native_.emplace(stage);
  }

  void End(RecordedScript& script) {
    script.end_us = now_;
    for (const std::string_view stage : StagesOf(script)) {
      const auto at = native_.find(stage);
      if (at != native_.end()) native_.erase(at);
    }
  }

  static std::vector<std::string_view> StagesOf(const RecordedScript& script) {
    return script.stages.empty() ? std::vector<std::string_view>() : Split(script.stages, ',');
  }

  void Exit(const TraceEvent& event, RecordedScript& script) {
    script.status = event.Text("status");
    if (script.outcome == RecordedOutcome::kAbandoned) return;
    End(script);
    script.outcome = OutcomeOf(event);
  }

  void Abandon(const TraceEvent& event, RecordedScript& script) {
    script.outcome = RecordedOutcome::kAbandoned;
    End(script);
    script.reason = event.Text("reason");
  }

  static RecordedOutcome OutcomeOf(const TraceEvent& event) {
    const std::string outcome = event.Text("outcome");
    if (outcome == "failed") return RecordedOutcome::kFailed;
    if (outcome == "not-installed") return RecordedOutcome::kNotInstalled;
    if (outcome == "not-configured") return RecordedOutcome::kNotConfigured;
    if (!outcome.empty()) return RecordedOutcome::kEnded;
    return OutcomeOfStatus(event.Text("status"));
  }

  /// Before schema 1 the status stood alone.
  static RecordedOutcome OutcomeOfStatus(std::string_view status) {
    if (status.starts_with("killed by") || status.starts_with("not run")) {
      return RecordedOutcome::kFailed;
    }
    constexpr std::string_view kExited = "exit status ";
    if (!status.starts_with(kExited)) return RecordedOutcome::kEnded;
    const int code = ParseNumber<int>(status.substr(kExited.size())).value_or(0);
    if (code >= 1 && code <= 4) return RecordedOutcome::kFailed;
    if (code == 5) return RecordedOutcome::kNotInstalled;
    return code == 6 ? RecordedOutcome::kNotConfigured : RecordedOutcome::kEnded;
  }

  /// Output says no direction: it is of what began last.
  void TakeOutput(const TraceEvent& event) {
    const auto last = latest_.find(event.Text("service"));
    if (last != latest_.end()) run_.scripts[last->second].last_line = event.Text("text");
  }

  /// The script that an event is about; nullptr for the one that is too many.
  RecordedScript* Script(const TraceEvent& event, const std::string& name) {
    const std::string service = event.Text("service");
    const auto [at, fresh] =
        index_.try_emplace({service, event.Text("action")}, run_.scripts.size());
    if (fresh) {
      if (!Add(run_.scripts, {})) return index_.erase(at), nullptr;
      run_.scripts.back().service = service;
      run_.scripts.back().action = event.Text("action");
    }
    if (name == "start") latest_[service] = at->second;
    return &run_.scripts[at->second];
  }

  /// The text of what a person wants to see of the end; empty for other events.
  static std::string FindingText(const TraceEvent& event, const std::string& name) {
    const std::string target = event.Text("target");
    if (name == "killed" || name == "survivor") {
      std::string text = event.Text("name") + "[" + event.Text("pid") + "]";
      if (name == "survivor" && !target.empty()) text += ", waits for " + target;
      return text;
    }
    const auto because = [&](std::string_view key, const char* word) {
      const std::string why = event.Text(key);
      return why.empty() ? target : target + word + why;
    };
    if (name == "read-only") return target;
    if (name == "mark") return event.Text("device") + " (" + target + ")";
    if (name == "unwritten") return because("error", ": ");
    if (name == "writable") return because("hook", " by ");
    if (name == "busy") return because("holders", ": ");
    if (name == "dead-man-end") return event.Text("reason");
    if (name == "dead") return event.Text("device") + " below " + target;
    if (name != "hook" || event.Text("end") == "exit status 0") return "";
    return event.Text("name") + ": " + event.Text("end");
  }

  /// Whether an event takes back what an earlier one found: a file system became read-only, or
  /// clean, after all.
  static bool TakesBack(const TraceEvent& event, const std::string& name) {
    return (name == "read-only" && event.Number("done") == 1) ||
           (name == "mark" && event.Text("state") == "clean");
  }

  /// Notes each fact once, until it is taken back.
  void Find(const TraceEvent& event, const Finding& finding) {
    const auto key = std::pair(finding.what, finding.text);
    if (finding.what == "mark" && event.Text("state") != "dirty" && !TakesBack(event, "mark"))
      return;
    if (TakesBack(event, finding.what)) {
      if (found_.erase(key) > 0) std::erase(run_.findings, finding);
      return;
    }
    if (found_.insert(key).second) Add(run_.findings, finding);
  }

  template <typename T>
  bool Add(std::vector<T>& list, T value) {
    if (list.size() < kMost) return list.push_back(std::move(value)), true;
    return ++run_.dropped, false;
  }

  RecordedRun run_;
  long long now_ = 0;
  std::map<std::pair<std::string, std::string>, std::size_t> index_;  ///< service and action
  std::map<std::string, std::size_t> latest_;       ///< by service: what began last
  std::multiset<std::string, std::less<>> native_;  ///< stages in the place of scripts that run
  std::set<std::pair<std::string, std::string>> found_;
  std::size_t edges_ = 0;
};

}  // namespace

std::optional<long long> RecordedScript::DurationUs() const {
  if (!start_us || !end_us) return std::nullopt;
  return std::max(0LL, *end_us - *start_us);
}

RecordedRun ReadRecordedRun(const TraceText& trace, EventKinds kinds) {
  Reader reader;
  const TraceDamage damage =
      ForEachEvent(trace.text, kinds, [&](const TraceEvent& event) { reader.Take(event); });
  RecordedRun run = reader.Done();
  run.damage = damage;
  run.cut_off = trace.cut_off;
  return run;
}

}  // namespace curfew
