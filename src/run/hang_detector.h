// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <list>

#include "run/event.h"
#include "run/process_scan.h"
#include "run/script_run.h"

namespace curfew {

/// Finds the scripts that hang. The detector only decides: the runner tells it which scripts run
/// and what the scans found, acts on its verdicts, and passes the time in.
///
/// Each second, more often where a limit is of a few seconds, the detector asks for a scan of the
/// scripts that have run for 3 s, and judges them by ScriptProgress and Deadline.
class HangDetector {
 public:
  using Time = Deadline::Time;

  struct Verdict {
    enum class Kind {
      kContinue,        ///< `process` of a script stopped itself: continue it, as startpar does
      kEvidence,        ///< `lines` show the processes of an abandoned script
      kNearLimit,       ///< no progress for `quiet`, overdue in `left`
      kNearLimitInAll,  ///< overdue in `left`, whatever progress it makes
      kOverdue,         ///< for `reason`
      kBudgetOver,      ///< the script phase is over, for `reason`
    };
    Kind kind;
    ScriptRun* run = nullptr;  ///< null: kContinue, kBudgetOver
    std::string reason = {};
    std::chrono::seconds quiet{0};
    std::chrono::seconds left{0};
    ProcessId process = {};
    std::vector<std::string> lines = {};
  };

  /// `runs` are the scripts of the plan, by ScriptRun::id. `budget` is STOP_BUDGET, 0 for none.
  HangDetector(std::vector<ScriptRun>& runs, std::chrono::seconds budget, Time now);

  /// rc waits for the script from now on, until Forget.
  void Started(ScriptRun& run, Time now);
  void Forget(ScriptRun& run);
  /// The script is over or abandoned. Returns whether a Waiting was sent since the last such end.
  bool Finished(ScriptRun& run, Time now);
  /// Asks for kEvidence of an abandoned script.
  void CollectEvidence(ScriptRun& run);
  bool HasEvidence() const { return !evidence_.empty(); }

  /// When to call ToScan next.
  Time NextScan() const;
  /// The scripts to scan now; none while a scan runs.
  std::vector<ScanRequest> ToScan(Time now);
  std::vector<Verdict> Take(const ScanResult& scan, Time now);
  /// Verdicts on the scripts that run. None while a scan runs, unless the scan is late.
  std::vector<Verdict> Judge(Time now);

  /// The script that Waiting names: of those that run, without the one that has the console, the
  /// first that started; null: none.
  ScriptRun* WaitedFor() const;
  /// Each second in which no script ended, from the third on.
  std::optional<Waiting> Waits(Time now);

 private:
  std::chrono::milliseconds Pace() const;
  bool IsDue(const ScriptRun& run, Time now) const;
  ScanRequest Request(const ScriptRun& run, ScanRequest::Purpose purpose) const;
  void TakeProgress(ScriptRun& run, const std::vector<ScannedProcess>& processes,
                    const ScanResult& scan, int key, Time now);
  void FindStopped(const ScriptRun& run, const std::vector<ScannedProcess>& processes);
  void LearnDaemons(ScriptRun& run, const std::vector<ScannedProcess>& processes);
  void TakeEvidence(const ScanResult& scan);
  void JudgeAll(Time now);
  void JudgeScript(ScriptRun& run, Time now);
  void JudgeBudget(Time now);

  std::vector<ScriptRun>& runs_;
  const std::chrono::seconds budget_;
  size_t scripts_ = 0;  ///< those of the plan, without the hand-over
  size_t ended_ = 0;

  std::list<ScriptRun*> watched_;   ///< in the order in which they started
  std::list<ScriptRun*> evidence_;  ///< abandoned scripts whose evidence is still to be found
  std::vector<Verdict> verdicts_;   ///< found and not returned yet
  bool scanning_ = false;
  bool daemons_scanned_ = false;
  bool budget_over_ = false;
  const Time begin_;
  Time next_scan_;
  Time scanned_;  ///< when the last scan began
  Time judged_;
  Time rest_until_;                    ///< no scan before
  Time last_end_;                      ///< when a script was over last
  std::optional<Time> last_progress_;  ///< of any script
  std::optional<Time> first_hang_;
  std::optional<Time> said_;  ///< when Waits last returned a Waiting, since the last end
};

}  // namespace curfew
