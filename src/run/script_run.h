// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "run/deadline.h"
#include "run/script_progress.h"
#include "run/usual_durations.h"

namespace curfew {

// clang-format off
/// One script in one run, from the plan to its end. The runner alone changes the state:
///
///   state            meaning                                        next states
///   ---------------  ---------------------------------------------  -------------------------------
///   kWaiting         a script that must end before it still runs    kReady
///   kReady           it starts as soon as a job is free             kAsked, kStartsLater,
///                                                                   kRunning, kOnConsole, kOver
///   kAsked           a person is asked whether it shall run         kStartsLater, kRunning,
///                                                                   kOnConsole, kOver (no)
///   kStartsLater     an earlier rc's start of the service still     kRunning, kOnConsole,
///                    runs, or the kernel has no process to spare    kOver (all are skipped)
///   kRunning         its process runs                               kAbandoned (overdue, skipped),
///                                                                   kAwaitsEnter, kOver
///   kOnConsole       its process runs alone, with the real console  as kRunning
///   kAwaitsEnter     it failed, and a person may read why           kOver
///   kAbandoned       its process runs, and rc does not wait for it  kOver
///   kOver            it ended, was skipped or had nothing to run
///
/// A script is released when it becomes kAbandoned or kOver: those that waited for it may start. A
/// script takes one of the jobs from kAsked until it is released.
// clang-format on
struct ScriptRun {
  enum class State {
    kWaiting,
    kReady,
    kAsked,
    kStartsLater,
    kRunning,
    kOnConsole,
    kAwaitsEnter,
    kAbandoned,
    kOver,
  };

  const Script* script = nullptr;
  int id = 0;    ///< its number among all scripts of the plan
  int pass = 0;  ///< the number of its pass
  State state = State::kWaiting;
  size_t open = 0;        ///< scripts it still waits for
  std::vector<int> next;  ///< ids of the scripts that wait for it
  pid_t pid = 0;          ///< also the number of its process group, unless it has the console
  std::uint64_t start_time = 0;                    ///< of that process; 0: it never started
  std::optional<Deadline::Time> refused;           ///< when the kernel first had no process for it
  std::string last_line;                           ///< of its output, while it runs
  std::optional<std::chrono::microseconds> usual;  ///< how long it takes as a rule

  // What the hang detector knows of the script.
  std::optional<Deadline> deadline;          ///< none: rc does not wait for it
  std::unique_ptr<ScriptProgress> progress;  ///< the same
  std::vector<ScannedProcess> seen;          ///< its processes at the last scan
  std::vector<ProcessId> daemons;            ///< the service's own, from an earlier scan
  int evidence_cuts = 0;                     ///< scans that did not get past its evidence

  bool IsRunning() const { return state == State::kRunning || state == State::kOnConsole; }
  bool HasProcess() const { return IsRunning() || state == State::kAbandoned; }
};

/// Every script of the plan, with the scripts that wait for it.
inline std::vector<ScriptRun> MakeRuns(const Plan& plan, const UsualDurations& usual = {}) {
  std::vector<ScriptRun> runs;
  for (const Pass& pass : plan.passes) {
    const size_t first = runs.size();
    for (const Script& script : pass.scripts) {
      ScriptRun& run = runs.emplace_back();
      run.script = &script;
      run.id = static_cast<int>(runs.size()) - 1;
      run.pass = static_cast<int>(&pass - plan.passes.data());
      run.open = script.after.size();
      run.usual = UsualOf(usual, script);
      for (const Dependency& before : script.after)
        runs[first + static_cast<size_t>(before.script)].next.push_back(run.id);
    }
  }
  return runs;
}

}  // namespace curfew
