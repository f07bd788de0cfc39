// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "run/confirm.h"
#include "run/event.h"
#include "run/hang_detector.h"
#include "run/launcher.h"
#include "run/run_record.h"
#include "run/slack.h"
#include "run/usual_durations.h"

namespace curfew {

/// What the plan does not decide about a run.
struct RunOptions {
  int jobs = 1;  ///< scripts at one time
  /// The stop of a service waits so long for a start that an earlier rc left running.
  std::chrono::seconds old_start_limit{90};
  /// STOP_BUDGET, for all scripts but native stages: see BudgetOver. 0: no such limit.
  std::chrono::seconds budget{0};
  bool runs_stages = false;   ///< false on another tree: a note names each native stage
  UsualDurations usual = {};  ///< told of a script that is waited for; also for Slack
  /// SLACK: a stop script that the end of the level does not wait for gets the CPU that others
  /// leave, as long as it has slack.
  bool uses_slack = false;
  Confirm* confirm = nullptr;          ///< asked before a script runs; null: each runs
  std::chrono::seconds enter_wait{0};  ///< for Enter after a failure; 0: rc does not wait
};

/// Runs a plan: each script once, after all scripts that it waits for, at most RunOptions::jobs at
/// a time.
///
/// Run() is the one loop. The plan decides the order, the listener shows what happens, and the
/// launcher touches the processes. ScriptRun has the states of a script.
class Runner {
 public:
  enum class End {
    kDone,       ///< every script has ended or was abandoned
    kPreempted,  ///< SIGTERM: the state files name the scripts that still run, for the next rc
  };

  Runner(const Plan& plan, RunOptions options, Launcher& launcher, Listener& listener,
         StateFiles& files);

  /// Returns when the last script has ended or was abandoned, or at once after a SIGTERM.
  End Run();

 private:
  using Time = Deadline::Time;

  void OfferConfirm();
  bool IsDone();
  Time WakeTime() const;
  Slack::Duration LongestReady() const;
  void CheckTime();
  void Act(const RunEvent& event);

  // From ready to started.
  void StartReady();
  ScriptRun* TakeReady();
  void BeginPass();
  void MakeReady(ScriptRun& run);
  void Prepare(ScriptRun& run);
  bool AdoptFromOldRc(ScriptRun& run);
  void Ask(ScriptRun& run);
  void Launch(ScriptRun& run);
  bool WaitForOldStart(ScriptRun& run);
  void Start(ScriptRun& run);
  bool StartAgain(ScriptRun& run, ExitStatus status);

  // What happened.
  void Ended(ScriptRun& run, ExitStatus status);
  void Answered(const std::string& reply);
  void Execute(const HangDetector::Verdict& verdict);
  void Judge(const std::vector<HangDetector::Verdict>& verdicts, Time now);
  ControlAnswer Answer(const ControlRequest& request);
  ScriptRun* FindRunning(const std::string& name, ControlAnswer* refusal);
  ControlAnswer SkipNamed(const std::string& name);
  ControlAnswer Extend(const ControlRequest& request);
  void SkipWaitedFor(const std::string& reason);
  void SkipAll(const std::string& reason);
  void Preempt();

  // From started to over.
  void Abandon(ScriptRun& run, const std::string& reason);
  void Skip(ScriptRun& run);
  void EndUnlessFinished(const Script& script);
  void WaitForEnter(ScriptRun& run);
  void Release(ScriptRun& run, ScriptRun::State state);

  bool EndsWithScriptPhase(const Script& script) const;
  bool asking() const { return options_.confirm && options_.confirm->asking(); }

  const Plan& plan_;
  const RunOptions options_;
  Launcher& launcher_;
  Listener& listener_;
  RunRecord record_;

  std::vector<ScriptRun> runs_;  ///< every script of the plan, by id
  HangDetector detector_;
  Slack slack_;
  std::set<std::pair<Slack::Duration, int>> ready_;  ///< chain, negative, and id
  size_t next_pass_ = 0;
  size_t begun_ = 0;       ///< scripts of the passes before next_pass_
  size_t unreleased_ = 0;  ///< scripts of the pass
  int jobs_ = 0;           ///< taken
  bool console_lent_ = false;
  bool offered_ = false;                            ///< the question whether to ask is open
  ScriptRun* asked_ = nullptr;                      ///< whose question is open
  std::vector<std::pair<Time, ScriptRun*>> later_;  ///< kStartsLater, and until when
  std::optional<Time> settle_until_;                ///< how long a finished run waits for evidence
  bool preempted_ = false;
  bool skips_all_ = false;
};

}  // namespace curfew
