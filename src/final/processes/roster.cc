// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/roster.h"

#include <poll.h>

#include <algorithm>
#include <csignal>

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// How long Freeze() goes on after the last stranger, for a process that never reaches T.
constexpr microseconds kFreezePatience = milliseconds(100);
/// How long it chases what forks and exits: on a busy machine that slips through many passes.
constexpr microseconds kChase = milliseconds(2000);
/// Between two looks at processes that were told to stop and have not yet.
constexpr milliseconds kStopTick{1};
/// Without pidfd an end is only seen by looking.
constexpr milliseconds kStateTick{20};
/// How often a wait looks for processes in D.
constexpr milliseconds kStuckTick{250};
/// Descriptors kept free for reading /proc and for the report.
constexpr int kReserve = 32;

}  // namespace

Roster::Roster(Kernel& kernel, Choice& spared)
    : kernel_(kernel),
      spared_(spared),
      descriptors_left_(kernel.RaiseDescriptorLimit() - kReserve) {}

Roster::~Roster() {
  Resume();
  while (!living_.empty()) Drop(living_.begin());
}

void Roster::Freeze() {
  ignored_.clear();
  ReleaseSpared();
  for (auto& [pid, victim] : living_) Send(victim, SIGSTOP);
  auto pass_begin = kernel_.Now();
  microseconds end{0};
  microseconds chase_end{0};
  for (int calm_passes = 0; calm_passes < 2;) {
    Pass pass = Look();
    Admit(&pass);
    calm_passes = pass.calm ? calm_passes + 1 : 0;
    const auto now = kernel_.Now();
    // A crowd is given the time of four passes more: each pass over 20,000 takes 0.15 s.
    const auto patience = kFreezePatience + 4 * (now - pass_begin);
    if (chase_end.count() == 0) chase_end = now + patience + kChase;
    if (pass.strangers || end.count() == 0) end = std::min(now + patience, chase_end);
    if (now >= end) break;
    if (!pass.calm && !pass.strangers) kernel_.Poll({}, kStopTick);
    pass_begin = now;
  }
  SweepPidfds();
  SweepStates();
}

void Roster::ReleaseSpared() {
  for (auto victim = living_.begin(); victim != living_.end();) {
    if (!spared_.Protects(victim->second.process)) {
      ++victim;
      continue;
    }
    Send(victim->second, SIGCONT);
    victim = Drop(victim);
  }
}

Roster::Pass Roster::Look() {
  Pass pass;
  for (const auto& name : kernel_.List("/proc").value)
    if (pid_t pid = ParsePid(name)) LookAt(pid, &pass);
  return pass;
}

void Roster::LookAt(pid_t pid, Pass* pass) {
  auto known = living_.find(pid);
  auto ignored = ignored_.find(pid);
  if (known == living_.end() && ignored == ignored_.end()) {
    Meet(pid, pass);
    return;
  }
  // A pass that does not count anyway only looks for strangers.
  if (!pass->calm) return;
  auto process = ReadProcess(kernel_, pid);
  if (process && ignored != ignored_.end() && ignored->second == process.value.start) return;
  if (process && known != living_.end() && known->second.process.start == process.value.start) {
    if (!process.value.Frozen()) pass->calm = false;
    known->second.process = process.value;
    return;
  }
  pass->calm = false;
  if (!process) return;
  pass->strangers = true;
  // The number has a new owner; the next pass meets it as a stranger.
  ignored_.erase(pid);
  if (known == living_.end()) return;
  Drop(known);
  ++ended_;
}

void Roster::Meet(pid_t pid, Pass* pass) {
  Victim fresh;
  bool gone = false;
  // The pidfd comes before the start time is read: then both are of the same process.
  fresh.pidfd = OpenPidfd(pid, &gone);
  auto process = gone ? Result<ProcessInfo>(std::make_error_code(std::errc::no_such_process))
                      : ReadProcess(kernel_, pid);
  if (process && !process.value.Ended()) {
    fresh.process = process.value;
    pass->fresh.push_back(std::move(fresh));
    return;
  }
  // Something forked and is gone already; so do our own helpers.
  if (!process || !spared_.Protects(process.value)) {
    pass->calm = false;
    pass->strangers = true;
  }
  if (process) ignored_[pid] = process.value.start;
  ClosePidfd(&fresh);
}

void Roster::Admit(Pass* pass) {
  std::vector<ProcessInfo> processes;
  for (const auto& victim : pass->fresh) processes.push_back(victim.process);
  auto spared = spared_.Choose(processes);
  for (std::size_t i = 0; i < pass->fresh.size(); ++i) {
    Victim& victim = pass->fresh[i];
    const pid_t pid = victim.process.pid;
    if (spared[i]) {
      ignored_[pid] = victim.process.start;
      ClosePidfd(&victim);
      continue;
    }
    pass->calm = false;
    pass->strangers = true;
    Send(victim, SIGSTOP);
    living_[pid] = std::move(victim);
  }
}

void Roster::Resume() {
  for (auto& [pid, victim] : living_) Send(victim, SIGCONT);
}

void Roster::Tell(int signal, const std::function<bool(const Victim&)>& choose) {
  for (auto& [pid, victim] : living_) {
    if (!choose(victim)) continue;
    Send(victim, signal);
    victim.told = signal;
  }
}

int Roster::OpenPidfd(pid_t pid, bool* gone) {
  if (!pidfds_work_ || descriptors_left_ <= 0) return -1;
  auto pidfd = kernel_.PidfdOpen(pid);
  if (pidfd) {
    --descriptors_left_;
    return pidfd.value;
  }
  *gone = IsGone(pidfd.error);
  // No such call before Linux 5.3; EPERM is what a seccomp filter says.
  if (pidfd.error == std::errc::function_not_supported ||
      pidfd.error == std::errc::operation_not_permitted)
    pidfds_work_ = false;
  return -1;
}

void Roster::ClosePidfd(Victim* victim) {
  if (victim->pidfd < 0) return;
  kernel_.Close(victim->pidfd);
  victim->pidfd = -1;
  ++descriptors_left_;
}

void Roster::Send(Victim& victim, int signal) {
  if (victim.pidfd >= 0) {
    kernel_.PidfdSignal(victim.pidfd, signal);
    return;
  }
  // Out of descriptors: the reserve has one for a moment.
  auto pidfd = pidfds_work_ ? kernel_.PidfdOpen(victim.process.pid)
                            : Result<int>(std::make_error_code(std::errc::not_supported));
  if (SameProcess(victim)) {
    if (pidfd)
      kernel_.PidfdSignal(pidfd.value, signal);
    else
      kernel_.Kill(victim.process.pid, signal);
  }
  if (pidfd) kernel_.Close(pidfd.value);
}

bool Roster::SameProcess(const Victim& victim) {
  auto process = ReadProcess(kernel_, victim.process.pid);
  return process && process.value.start == victim.process.start;
}

std::map<pid_t, Victim>::iterator Roster::Drop(std::map<pid_t, Victim>::iterator victim) {
  ClosePidfd(&victim->second);
  return living_.erase(victim);
}

void Roster::Wait(Micros until) {
  auto next_look = kernel_.Now() + kStuckTick;
  while (!living_.empty()) {
    const auto now = kernel_.Now();
    if (now >= until) return;
    if (now >= next_look) {
      if (AllStuck()) return;
      next_look = now + kStuckTick;
    }
    BlockOnOne(std::min<Micros>(until - now, kStuckTick));
  }
}

// Blocking on one pidfd and then collecting all that are ready wakes up a dozen times for 20,000
// processes; watching them all at once competes with the dying for the CPU.
void Roster::BlockOnOne(Micros limit) {
  auto held = std::find_if(living_.begin(), living_.end(),
                           [](const auto& entry) { return entry.second.pidfd >= 0; });
  if (held == living_.end()) {
    kernel_.Poll({}, std::min(kStateTick, std::chrono::ceil<milliseconds>(limit)));
    SweepStates();
    return;
  }
  pollfd one{held->second.pidfd, POLLIN, 0};
  kernel_.Poll({&one, 1}, std::chrono::ceil<milliseconds>(limit));
  SweepPidfds();
}

void Roster::SweepPidfds() {
  std::vector<pollfd> descriptors;
  std::vector<pid_t> pids;
  for (auto& [pid, victim] : living_) {
    if (victim.pidfd < 0) continue;
    descriptors.push_back({victim.pidfd, POLLIN, 0});
    pids.push_back(pid);
  }
  if (pids.empty()) return;
  kernel_.Poll(descriptors, milliseconds(0));
  for (std::size_t i = 0; i < pids.size(); ++i) {
    if (descriptors[i].revents == 0) continue;
    Drop(living_.find(pids[i]));
    ++ended_;
  }
}

void Roster::SweepStates() {
  for (auto entry = living_.begin(); entry != living_.end();) {
    Victim& victim = entry->second;
    if (victim.pidfd >= 0) {
      ++entry;
      continue;
    }
    auto process = ReadProcess(kernel_, victim.process.pid);
    bool gone = process ? process.value.start != victim.process.start || process.value.Ended()
                        : IsGone(process.error);
    if (gone) {
      entry = Drop(entry);
      ++ended_;
      continue;
    }
    // Descriptors may be free again by now.
    bool ended_since = false;
    victim.pidfd = OpenPidfd(victim.process.pid, &ended_since);
    if (victim.pidfd >= 0 && !SameProcess(victim)) ClosePidfd(&victim);
    ++entry;
  }
}

bool Roster::AllStuck() {
  const auto now = kernel_.Now();
  bool all = true;
  for (auto& [pid, victim] : living_) {
    auto process = ReadProcess(kernel_, pid);
    bool stuck = process && process.value.state == 'D';
    if (process) victim.process.state = process.value.state;
    if (!stuck) victim.stuck_since = Micros(-1);
    if (stuck && victim.stuck_since.count() < 0) victim.stuck_since = now;
    all = all && stuck && now - victim.stuck_since >= kStuckLimit;
  }
  return all;
}

}  // namespace curfew
