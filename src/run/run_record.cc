// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/run_record.h"

#include <algorithm>
#include <utility>

#include "kernel/run_files.h"

namespace curfew {
namespace {

/// Done, or nothing to do: not installed, not configured, not running (LSB 5.0, 22.2).
bool IsComplete(ExitStatus status) {
  const int number = status.number();
  return status.kind() == ExitStatus::Kind::kExited &&
         (number == 0 || number == 5 || number == 6 || number == 7);
}

}  // namespace

RunRecord::RunRecord(const Plan& plan, Launcher& launcher, Listener& listener, StateFiles& files)
    : plan_(plan),
      launcher_(launcher),
      listener_(listener),
      files_(files),
      left_running_(files.LeftRunning()),
      changed_(!left_running_.empty()) {
  if (!plan.down) files_.Forget();
}

const StateFiles::Running* RunRecord::FindOld(const std::string& service, Action action) const {
  for (const StateFiles::Running& old : left_running_)
    if (old.service == service && old.action == action) return &old;
  return nullptr;
}

void RunRecord::Ended(const Script& script, ExitStatus status) {
  Changed();
  if (!plan_.down || script.kind != ScriptKind::kScript || !IsComplete(status)) return;
  Tell(run_files::kStopped, files_.RecordStopped(script.service));
}

void RunRecord::Write(const std::vector<ScriptRun>& runs) {
  if (!std::exchange(changed_, false)) return;
  std::vector<StateFiles::Running> running;
  for (const ScriptRun& run : runs) {
    if (!run.HasProcess()) continue;
    running.push_back({run.script->action, run.pid, run.start_time, run.script->service,
                       run.state == ScriptRun::State::kAbandoned});
  }
  // Scripts of an earlier rc whose turn has not come in this run.
  for (const StateFiles::Running& old : left_running_) {
    const bool known = std::any_of(running.begin(), running.end(),
                                   [&](const auto& r) { return r.pid == old.pid; });
    if (!known && old.start_time != 0 && launcher_.StartTime(old.pid) == old.start_time)
      running.push_back(old);
  }
  const std::error_code error = files_.RecordRunning(running);
  // Level S mounts /run itself, and need not have it before.
  if (plan_.down) Tell(run_files::kRunning, error);
}

void RunRecord::Tell(const std::string& file, std::error_code error) {
  if (!error || std::exchange(failed_, true)) return;
  listener_.On(Note{file + ": " + error.message() + "; another rc would begin all scripts again"});
}

void RunRecord::Close() {
  if (!plan_.down) files_.RecordRunning({});
}

}  // namespace curfew
