// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/run_status.h"

#include "text/json_line.h"

namespace curfew {
namespace {

using std::chrono::seconds;

std::string ScriptLine(const ScriptRun& run, const std::vector<ScriptRun>& runs,
                       Deadline::Time now) {
  const Script& script = *run.script;
  JsonLine line;
  line.Text("service", script.service).Text("link", script.link);
  line.Text("action", ActionWord(script.action)).Number("pid", run.pid);
  if (run.deadline) {
    const auto running = std::chrono::duration_cast<seconds>(now - run.deadline->begin());
    line.Number("running_s", running.count());
    if (const seconds left = run.deadline->Left(now); left != seconds::max())
      line.Number("left_s", left.count());
  }
  if (run.usual) line.Number("usual_us", run.usual->count());
  std::vector<std::string> processes, behind;
  for (const ScannedProcess* process : ProcessesWaitedFor(run.seen))
    processes.push_back(Described(*process));
  for (const int id : run.next) {
    const ScriptRun& next = runs[static_cast<std::size_t>(id)];
    if (next.state == ScriptRun::State::kWaiting) behind.push_back(next.script->service);
  }
  line.List("processes", processes).List("behind", behind).Text("last_line", run.last_line);
  line.Number("left_alone", run.state == ScriptRun::State::kAbandoned);
  return line.Done();
}

}  // namespace

std::string RunStatus(const Plan& plan, const std::vector<ScriptRun>& runs, Deadline::Time now,
                      std::size_t most) {
  long long scripts = 0, ended = 0, alone = 0;
  std::string lines;
  for (const ScriptRun& run : runs) {
    if (run.script->kind == ScriptKind::kHandOver) continue;
    ++scripts;
    ended += run.state == ScriptRun::State::kOver;
    alone += run.state == ScriptRun::State::kAbandoned;
    if (run.HasProcess()) lines += ScriptLine(run, runs, now);
  }
  JsonLine first;
  first.Text("level", plan.level).Text("previous", plan.previous).Number("scripts", scripts);
  std::string text = first.Number("ended", ended).Number("left_alone", alone).Done() + lines;
  if (text.size() > most) text.resize(text.rfind('\n', most - 1) + 1);
  return text;
}

}  // namespace curfew
