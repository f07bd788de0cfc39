// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kernel/linux_kernel.h"
#include "run/activity.h"
#include "run/cases.h"
#include "run/event.h"
#include "run/job.h"
#include "run/patience.h"
#include "run/probe.h"

namespace curfew {

/// Keeps an eye on the scripts that run: tells the status what the run waits for, and the runner
/// which script to leave alone.
///
/// Every second (more often where a limit is of a few seconds) it has their processes looked at,
/// once they run for 3 s, and judges them by what they did: see Activity and Patience. A process of
/// theirs that stopped itself is continued, as startpar does with a script.
class Watch {
 public:
  struct Orders {
    std::function<void(Job&, const std::string& reason)> abandon;
    /// The budget is used up: as Runner::SkipAll.
    std::function<void(const std::string& reason)> end;
  };

  /// `root` is the prefix of pid files and scripts; `budget` is STOP_BUDGET, 0 for none.
  Watch(boost::asio::io_context& loop, const std::string& root, const Plan& plan,
        std::chrono::seconds budget, RunningSessions& sessions, Listener& listener, Orders orders);

  /// The run begins; what the constructor was given is used from here on.
  void Begin();
  /// It is waited for from here on until Forget.
  void Started(Job& job);
  void Forget(const Job& job);
  /// A script of the plan is over: it ended, was left alone or did not run.
  void Finished(const Script& script);
  /// Has what can be known of its processes said as Status::Evidence, as soon as it is.
  void CollectEvidence(const Job& job);
  /// Calls `done` when all evidence is said, or after a second without.
  void Settle(std::function<void()> done);

  /// The script that WaitsFor names, or would name; null: none.
  Job* longest() const;

 private:
  using Clock = Patience::Clock;
  using Time = Patience::Time;

  struct Entry {
    int key;
    Job* job;
    Patience patience;
    Activity activity;
    std::vector<SeenProcess> seen;
  };

  void TickLater();
  void Tick();
  /// How long until the next tick.
  std::chrono::milliseconds Pace() const;
  bool MayAsk(Time now) const;
  bool IsDue(const Entry& entry, Time now) const;
  void Ask(Time now);
  std::vector<LookedAt> Roster();
  LookedAt At(int key, const Script& script, pid_t leader, LookedAt::Purpose purpose);
  void Hear(const Probe::Answer& answer);
  void HearOf(Entry& entry, const std::vector<SeenProcess>& processes, const DiskSample& disks,
              Time now);
  void AskForCases();
  void HearEvidence(const Probe::Answer& answer);
  void LearnDaemons(const Script& script, const std::vector<SeenProcess>& processes);
  void Judge(Time now);
  void SayNear(const Entry& entry, Patience::Verdict verdict, Time now);
  void Abandon(Job& job, Patience::Verdict verdict, Time now);
  void JudgeBudget(Time now);
  void SayWaiting(Time now);
  void Settled();

  boost::asio::io_context& loop_;
  const std::string root_;
  const Plan& plan_;
  const std::chrono::seconds budget_;
  Listener& listener_;
  const Orders orders_;
  LinuxKernel kernel_;
  Probe probe_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer settle_timer_;

  std::list<Entry> entries_;  ///< in the order in which they began
  Cases cases_;
  std::map<const Script*, std::vector<ProcessId>> daemons_;
  std::map<int, const Script*> roster_;  ///< the one look for daemons, by key
  int next_key_ = 1;
  Time begin_;
  Time asked_;
  Time rest_until_;                    ///< no look before
  Time last_end_;                      ///< when a script was over last
  std::optional<Time> last_progress_;  ///< of any script
  std::optional<Time> first_hang_;
  std::optional<Time> said_;  ///< when WaitsFor was said last; none: not since the last end
  bool roster_taken_ = false;
  bool budget_over_ = false;
  size_t scripts_ = 0;  ///< those of the plan, without the hand-over
  size_t ended_ = 0;
  std::function<void()> on_settled_;
};

}  // namespace curfew
