// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/end_processes.h"

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "final/processes/process_progress.h"
#include "final/processes/roster.h"
#include "final/processes/triage.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Rounds of TERM: what appears in answer to the first one (a helper started by a handler) is asked
/// as well before it is killed.
constexpr int kAskRounds = 2;
/// How long KILL may take: a process with much memory needs seconds to be torn down.
constexpr microseconds kTearDown = seconds(5);
/// For FUSE daemons, to end after their file systems went.
constexpr microseconds kFuseEnd = milliseconds(500);
/// How much longer than without progress the wait may last with it.
constexpr int kProgressFactor = 10;
/// Between two looks at the progress.
constexpr microseconds kLook = seconds(1);
/// More names than this make no line for people.
constexpr std::size_t kNamesInLine = 20;

/// The processes of one call of EndProcesses().
class Eviction {
 public:
  Eviction(StageContext& context, Choice& spared)
      : context_(context),
        kernel_(context.kernel),
        spared_(spared),
        roster_(kernel_, spared),
        progress_(kernel_),
        triage_(context) {}

  int Run(const std::function<bool()>& before_kill) {
    if (!Ask()) {
      // A storage daemon that ignores TERM ends when nothing is mounted through it any more.
      if (!roster_.Empty() && before_kill && before_kill()) roster_.Wait(kernel_.Now() + kFuseEnd);
      KillTheRest();
    }
    const bool quiet = kernel_.Now() - last_progress_ >= Roster::kStuckLimit;
    if (quiet && triage_.Judge(roster_.Living())) roster_.Wait(kernel_.Now() + kFuseEnd);
    triage_.Report(roster_.Living());
    return roster_.Ended();
  }

 private:
  /// Whether nothing at all is left.
  bool Ask() {
    const microseconds quiet = context_.request.settings.kill_wait;
    for (int round = 0; round < kAskRounds; ++round) {
      spared_.Refresh();
      roster_.Freeze();
      if (roster_.Empty()) return true;
      // HUP before the mark that TERM leaves; both wait until SIGCONT.
      for (int signal : {SIGHUP, SIGTERM})
        roster_.Tell(signal, [&](const Victim& victim) {
          return signal == SIGHUP ? victim.told == 0 && victim.process.terminal != 0
                                  : victim.told != SIGTERM;
        });
      roster_.Resume();
      Wait(quiet, quiet);
      if (!roster_.Empty()) break;
    }
    return false;
  }

  /// Until all have ended, or `quiet` has passed without progress. When all that are left have been
  /// in D for 2 s they are waited for only if they have made progress in the last `stuck`.
  void Wait(microseconds quiet, microseconds stuck) {
    const auto begin = kernel_.Now();
    const auto most =
        std::min<microseconds>(quiet * kProgressFactor, context_.request.settings.final_budget);
    const auto hard = begin + std::max(most, quiet);
    auto last = begin;
    while (!roster_.Empty()) {
      const auto now = kernel_.Now();
      const auto end = std::min(last + quiet, hard);
      if (now >= end) return;
      const auto until = std::min(end, now + kLook);
      roster_.Wait(until);
      const bool all_stuck = kernel_.Now() < until;
      if (progress_.Made(roster_.Living())) {
        last = last_progress_ = kernel_.Now();
        Tick(context_);
      } else if (all_stuck && kernel_.Now() - last_progress_ >= stuck) {
        return;
      }
    }
  }

  void KillTheRest() {
    const auto deadline = kernel_.Now() + kTearDown;
    std::vector<ProcessInfo> killed;
    while (kernel_.Now() < deadline) {
      spared_.Refresh();
      roster_.Freeze();
      const auto before = killed.size();
      for (const auto& [pid, victim] : roster_.Living())
        if (victim.told != SIGKILL) killed.push_back(victim.process);
      if (killed.size() == before) break;
      roster_.Tell(SIGKILL, [](const Victim& victim) { return victim.told != SIGKILL; });
      Wait(kTearDown, Roster::kStuckLimit);
    }
    ReportKilled(killed);
  }

  void ReportKilled(const std::vector<ProcessInfo>& killed) {
    if (killed.empty()) return;
    std::string line = "killed:";
    for (std::size_t i = 0; i < killed.size(); ++i) {
      context_.report.Event("killed",
                            {{"pid", std::to_string(killed[i].pid)}, {"name", killed[i].name}});
      if (i < kNamesInLine) line += " " + killed[i].Label();
    }
    if (killed.size() > kNamesInLine)
      line += " and " + std::to_string(killed.size() - kNamesInLine) + " more";
    context_.report.Say(line);
  }

  StageContext& context_;
  Kernel& kernel_;
  Choice& spared_;
  Roster roster_;
  ProcessProgress progress_;
  Triage triage_;
  microseconds last_progress_{microseconds::min() / 2};
};

}  // namespace

int EndProcesses(StageContext& context, Choice& spared, const std::function<bool()>& before_kill) {
  return Eviction(context, spared).Run(before_kill);
}

}  // namespace curfew
