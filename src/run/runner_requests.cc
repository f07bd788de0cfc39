// SPDX-License-Identifier: GPL-2.0-or-later
// What `curfew` asks of a run.
#include <algorithm>

#include "run/run_status.h"
#include "run/runner.h"
#include "text/text.h"

namespace curfew {

namespace {

constexpr char kSkipped[] = "skipped by curfew skip";

}  // namespace

ControlAnswer Runner::Answer(const ControlRequest& request) {
  using Kind = ControlRequest::Kind;
  switch (request.kind) {
    case Kind::kSkip:
      return SkipNamed(request.name);
    case Kind::kExtend:
      return Extend(request);
    case Kind::kStatus:
      return {true, RunStatus(plan_, runs_, launcher_.Now(), kAnswerBytes - sizeof "done ")};
    case Kind::kSkipAll:
      break;
  }
  SkipAll(kSkipped);
  return {true, "all scripts that are left are left alone"};
}

/// The running script with this name of a service or of a link; null, and why there is none.
ScriptRun* Runner::FindRunning(const std::string& name, ControlAnswer* refusal) {
  const auto named = std::find_if(runs_.begin(), runs_.end(), [&](const ScriptRun& run) {
    return run.script->service == name || run.script->link == name;
  });
  if (named == runs_.end()) {
    *refusal = {false, name + ": no script of this change of level"};
    return nullptr;
  }
  const Script& script = *named->script;
  for (ScriptRun& run : runs_) {
    const bool is_script = run.script->kind == ScriptKind::kScript;
    if (run.script->service == script.service && run.IsRunning() && is_script) return &run;
  }
  const bool own_limits = script.kind != ScriptKind::kScript;
  *refusal = {false, script.link + (own_limits ? " is a native stage, with limits of its own"
                                               : " does not run, or has the console to itself")};
  return nullptr;
}

ControlAnswer Runner::SkipNamed(const std::string& name) {
  ControlAnswer answer;
  ScriptRun* run = FindRunning(name, &answer);
  if (!run) return answer;
  Abandon(*run, kSkipped);
  return {true, run->script->link + " is left alone"};
}

ControlAnswer Runner::Extend(const ControlRequest& request) {
  ControlAnswer answer;
  ScriptRun* run = FindRunning(request.name, &answer);
  if (!run) return answer;
  if (request.sender && !launcher_.Descends(*request.sender, {run->pid, run->start_time}))
    return {false, run->script->link + " is extended by root and by what the script starts alone"};
  const Time now = launcher_.Now();
  if (!run->deadline || run->deadline->Left(now) == std::chrono::seconds::max())
    return {false, run->script->link + " has no limit"};
  run->deadline->Extend(now + request.time);
  return {true, run->script->link + " has " + Seconds(run->deadline->Left(now)) + " now"};
}

}  // namespace curfew
