// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/end_processes.h"

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "config/limits.h"
#include "final/context/slow_wait.h"
#include "final/processes/cgroup_freezer.h"
#include "final/processes/stuck_processes.h"
#include "final/processes/target_progress.h"
#include "final/processes/target_table.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

/// Rounds of TERM. Where all targets of the first round have ended, a process that appeared in
/// answer to their TERM, such as a helper that a signal handler starts, gets a TERM as well. Where
/// targets are left, KILL follows at once, for that process, too.
constexpr int kTermRounds = 2;
/// With progress a wait may last this many times as long as without.
constexpr int kProgressFactor = 10;
/// Time between two samples of the targets' progress.
constexpr microseconds kSampleTime = seconds(1);
/// Time that targets have to end before their cgroups are read for whether they are frozen.
constexpr std::chrono::milliseconds kThawAfter{50};
/// Time between two looks at whether any process is left that /proc does not show.
constexpr std::chrono::milliseconds kUnseenPoll{20};
/// A line for people names at most this many processes.
constexpr std::size_t kNamesInLine = 20;
/// One that tells of a wait, and comes again, at most so many.
constexpr std::size_t kNamesInWait = 3;

/// One call of EndProcesses().
class ProcessEnder {
 public:
  ProcessEnder(StageContext& context, SkipRule& rule)
      : context_(context),
        kernel_(context.kernel),
        rule_(rule),
        table_(kernel_, rule),
        progress_(kernel_),
        stuck_(context) {}

  EndedProcesses Run() {
    if (!Terminate()) Kill();
    const bool quiet = kernel_.Now() - last_progress_ >= limits::kStuck;
    if (quiet && stuck_.Free(table_.Targets()))
      table_.WaitForEnds(kernel_.Now() + limits::kFuseEnd);
    stuck_.Report(table_.Targets());
    return {table_.Ended(), table_.Unseen()};
  }

 private:
  /// What a wait does for targets in state D. Before KILL they have the time of all others: the
  /// flush may return, and then the process can save the rest of its state. One that an earlier
  /// stage has killed will not.
  enum class WhileStuck { kWait, kLeave };

  /// TERM. Returns whether no target is left and none can appear.
  bool Terminate() {
    const microseconds quiet = context_.request.settings.kill_wait;
    for (int round = 0; round < kTermRounds; ++round) {
      rule_.Refresh();
      table_.StopAll();
      if (table_.Empty()) return true;
      // HUP comes first, because TERM changes last_signal. Both are delivered with SIGCONT.
      table_.Signal(SIGHUP, [](const Target& target) {
        return target.last_signal == 0 && target.process.terminal != 0;
      });
      table_.Signal(SIGTERM, [](const Target& target) { return target.last_signal != SIGTERM; });
      table_.ContinueAll();
      Thaw();
      Wait(quiet, WhileStuck::kWait);
      if (!table_.Empty()) break;
    }
    return false;
  }

  /// Lets the signal in that every target has by now: none runs on without it. Only a target that
  /// does not end at once may be frozen. Cgroups that did not answer once are not asked again.
  void Thaw() {
    table_.WaitForEnds(kernel_.Now() + kThawAfter);
    if (!cgroups_answer_ || table_.Empty()) return;
    const auto thawed = ThawCgroups(kernel_, table_.Targets());
    cgroups_answer_ = !thawed.error;
    for (const std::string& cgroup : thawed.value)
      context_.report.Event("thawed", {{"cgroup", cgroup}});
  }

  /// Waits until all targets have ended or `quiet` has passed without progress. kLeave, or all
  /// targets left are killed: not longer than limits::kStuck without progress while they are in
  /// state D.
  void Wait(microseconds quiet, WhileStuck while_stuck) {
    const auto begin = kernel_.Now();
    const auto most =
        std::min<microseconds>(quiet * kProgressFactor, context_.request.settings.final_budget);
    auto hard = begin + std::max(most, quiet);
    SlowWait slow(begin);
    auto last = begin;
    while (!table_.Empty()) {
      const auto now = kernel_.Now();
      const auto end = std::min(last + quiet, hard);
      if (now >= end) return;
      const auto until = std::min(end, now + kSampleTime);
      table_.WaitForEnds(until);
      // Who wakes up that late slept, with its machine or the host of that; so did the targets.
      if (const auto late = kernel_.Now() - until; late > kSampleTime) last += late, hard += late;
      const bool all_stuck = kernel_.Now() < until;
      if (progress_.Made(table_.Targets())) {
        last = last_progress_ = kernel_.Now();
        Beat(context_);
      } else if (all_stuck && kernel_.Now() - last_progress_ >= limits::kStuck &&
                 (while_stuck == WhileStuck::kLeave || AllAreKilled())) {
        return;
      }
      if (!table_.Empty() && slow.IsDue(kernel_.Now()))
        TellWait(slow, std::min(last + quiet, hard) - kernel_.Now(), while_stuck);
    }
  }

  void TellWait(const SlowWait& slow, microseconds left, WhileStuck while_stuck) {
    std::string line = "waiting for";
    std::size_t count = 0;
    for (const auto& [pid, target] : table_.Targets())
      if (++count <= kNamesInWait) line += " " + target.process.Label();
    if (count > kNamesInWait) line += " and " + std::to_string(count - kNamesInWait) + " more";
    const char* then = while_stuck == WhileStuck::kWait ? ", KILL in " : ", left alone in ";
    const auto rest = std::chrono::ceil<seconds>(std::max(left, microseconds(0)));
    context_.report.Say(line + " to end: " + slow.Waited(kernel_.Now()) + then + Seconds(rest));
  }

  bool AllAreKilled() {
    const auto& targets = table_.Targets();
    return std::all_of(targets.begin(), targets.end(), [&](const auto& target) {
      const auto status = kernel_.Read("/proc/" + std::to_string(target.first) + "/status").value;
      const auto pending = BitSet(status, "SigPnd") | BitSet(status, "ShdPnd");
      return (pending >> (SIGKILL - 1) & 1) != 0;
    });
  }

  /// KILL to all targets, and to those that appear meanwhile.
  void Kill() {
    const auto deadline = kernel_.Now() + limits::kTearDown;
    std::vector<ProcessInfo> killed;
    while (kernel_.Now() < deadline) {
      rule_.Refresh();
      table_.StopAll();
      const auto before = killed.size();
      for (const auto& [pid, target] : table_.Targets())
        if (target.last_signal != SIGKILL) killed.push_back(target.process);
      if (killed.size() == before) break;
      table_.Signal(SIGKILL, [](const Target& target) { return target.last_signal != SIGKILL; });
      Thaw();
      Wait(limits::kTearDown, WhileStuck::kLeave);
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
  SkipRule& rule_;
  TargetTable table_;
  TargetProgress progress_;
  StuckProcesses stuck_;
  microseconds last_progress_{microseconds::min() / 2};
  bool cgroups_answer_ = true;
};

}  // namespace

EndedProcesses EndProcesses(StageContext& context, SkipRule& rule) {
  return ProcessEnder(context, rule).Run();
}

void EndUnseen(StageContext& context, std::error_code why) {
  constexpr pid_t kAll = -1;
  Kernel& kernel = context.kernel;
  const std::string line = "/proc does not show all processes: " + why.message() + "; ";
  if (!context.request.last) return context.report.Say(line + "the last halt ends what is left");
  const seconds wait = context.request.settings.kill_wait;
  context.report.Say(line + "all get SIGTERM, and SIGKILL after " + std::to_string(wait.count()) +
                     " s");
  for (const int signal : {SIGTERM, SIGCONT}) kernel.Kill(kAll, signal);
  // The kernel refuses as soon as there is nobody else.
  const auto end = kernel.Now() + wait;
  while (kernel.Now() < end && !kernel.Kill(kAll, 0)) kernel.Poll({}, kUnseenPoll);
  kernel.Kill(kAll, SIGKILL);
  kernel.Poll({}, limits::kFuseEnd);
}

}  // namespace curfew
