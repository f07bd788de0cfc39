// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes.h"

#include <csignal>

#include "final/mounts.h"
#include "final/roster.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// Rounds of TERM: what appears in answer to the first one (a helper started by a handler) is asked
/// as well before it is killed.
constexpr int kAskRounds = 2;
/// How long KILL may take: a process with much memory needs seconds to be torn down.
constexpr microseconds kTearDown = milliseconds(5000);
/// For FUSE daemons, to end after their file systems went.
constexpr microseconds kFuseEnd = milliseconds(500);
/// More names than this make no line for people.
constexpr int kNamesInLine = 20;

bool Untold(const Victim& victim) {
  return victim.told == 0;
}

/// Whether nothing at all is left.
bool AskToEnd(StageContext& context, Spared& spared, Roster& roster) {
  const auto deadline = context.kernel.Now() + context.request.settings.kill_wait;
  for (int round = 0; round < kAskRounds; ++round) {
    spared.Refresh();
    roster.Freeze();
    if (roster.Empty()) return true;
    // HUP before the mark that TERM leaves; both wait until SIGCONT.
    for (int signal : {SIGHUP, SIGTERM})
      roster.Tell(signal, [&](const Victim& victim) {
        return signal == SIGHUP ? Untold(victim) && victim.process.terminal != 0
                                : victim.told != SIGTERM;
      });
    roster.Resume();
    roster.Wait(deadline);
    if (!roster.Empty()) break;
  }
  // A storage daemon that ignores TERM ends when nothing is mounted through it any more.
  if (!roster.Empty() && UnmountFuse(context)) roster.Wait(context.kernel.Now() + kFuseEnd);
  return false;
}

void ReportKilled(StageContext& context, const std::vector<ProcessInfo>& killed) {
  if (killed.empty()) return;
  std::string line = "killed:";
  int named = 0;
  for (const auto& process : killed) {
    context.report.Event("killed", {{"pid", std::to_string(process.pid)}, {"name", process.name}});
    if (++named <= kNamesInLine) line += " " + process.Label();
  }
  if (named > kNamesInLine) line += " and " + std::to_string(named - kNamesInLine) + " more";
  context.report.Say(line);
}

void KillTheRest(StageContext& context, Spared& spared, Roster& roster) {
  const auto deadline = context.kernel.Now() + kTearDown;
  std::vector<ProcessInfo> killed;
  while (context.kernel.Now() < deadline) {
    spared.Refresh();
    roster.Freeze();
    const auto before = killed.size();
    for (const auto& [pid, victim] : roster.Living())
      if (victim.told != SIGKILL) killed.push_back(victim.process);
    if (killed.size() == before) break;
    roster.Tell(SIGKILL, [](const Victim& victim) { return victim.told != SIGKILL; });
    roster.Wait(deadline);
  }
  ReportKilled(context, killed);
}

void ReportSurvivors(StageContext& context, const Roster& roster) {
  for (const auto& [pid, victim] : roster.Living()) {
    auto wait = context.kernel.Read("/proc/" + std::to_string(pid) + "/wchan").value;
    if (wait.empty() || wait == "0") wait = "?";
    const std::string state(1, victim.process.state);
    context.report.Say(victim.process.Label() + " does not end: " + state + " " + wait);
    context.report.Event("survivor", {{"pid", std::to_string(pid)},
                                      {"name", victim.process.name},
                                      {"state", state},
                                      {"wchan", wait}});
  }
}

/// As "0.3 s": tenths are what people read.
std::string Seconds(microseconds time) {
  const auto tenths = (time.count() + 50000) / 100000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

void KillStage(StageContext& context) {
  const auto begin = context.kernel.Now();
  // As shutdown -n does; else getty after getty would appear until init gives up on them.
  if (context.request.without_rc) context.kernel.Kill(1, SIGTSTP);
  Spared spared(context);
  Roster roster(context.kernel, spared);
  if (!AskToEnd(context, spared, roster)) KillTheRest(context, spared, roster);
  const auto time = context.kernel.Now() - begin;
  if (roster.Ended() > 0) {
    const auto count = std::to_string(roster.Ended());
    context.report.Say(count + (roster.Ended() == 1 ? " process" : " processes") + " ended in " +
                       Seconds(time));
    context.report.Event("ended", {{"count", count}, {"us", std::to_string(time.count())}});
  }
  ReportSurvivors(context, roster);
}

}  // namespace curfew
