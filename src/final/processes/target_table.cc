// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/target_table.h"

#include <poll.h>

#include <algorithm>
#include <csignal>

#include "config/limits.h"
#include "final/processes/stands_still.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// Time between two passes while targets have not stopped yet.
constexpr milliseconds kStopPoll{1};
/// Time between two looks at processes without a pidfd.
constexpr milliseconds kStatePoll{20};
/// Time between two looks for state D.
constexpr milliseconds kStuckPoll{250};
/// Descriptors kept free for reading /proc and for the report.
constexpr int kReserve = 32;

}  // namespace

TargetTable::TargetTable(Kernel& kernel, SkipRule& rule)
    : kernel_(kernel), rule_(rule), descriptors_left_(RaiseDescriptorLimit(kernel) - kReserve) {}

TargetTable::~TargetTable() {
  ContinueAll();
  while (!targets_.empty()) Drop(targets_.begin());
}

void TargetTable::StopAll() {
  ignored_.clear();
  ReleaseSkipped();
  for (auto& [pid, target] : targets_) Send(target, SIGSTOP);
  auto pass_begin = kernel_.Now();
  microseconds end{0};
  microseconds chase_end{0};
  for (int quiet_passes = 0; quiet_passes < 2;) {
    Pass pass = Scan(quiet_passes > 0);
    AddTargets(&pass);
    if (pass.all_stopped && DropEndedByPidfd()) pass.quiet = false;
    quiet_passes = pass.quiet ? quiet_passes + 1 : 0;
    const auto now = kernel_.Now();
    // Plus the time of four passes: a pass over 20,000 processes takes 0.15 s.
    const auto limit = limits::kStopAll + 4 * (now - pass_begin);
    if (chase_end.count() == 0) chase_end = now + limit + limits::kStopChase;
    if (pass.found_new || end.count() == 0) end = std::min(now + limit, chase_end);
    if (now >= end) break;
    if (!pass.quiet && !pass.found_new) kernel_.Poll({}, kStopPoll);
    pass_begin = now;
  }
  DropEndedByPidfd();
  DropEndedByState();
}

void TargetTable::ReleaseSkipped() {
  for (auto target = targets_.begin(); target != targets_.end();) {
    if (!rule_.Skips(target->second.process)) {
      ++target;
      continue;
    }
    Send(target->second, SIGCONT);
    target = Drop(target);
  }
}

TargetTable::Pass TargetTable::Scan(bool all_stopped) {
  Pass pass;
  pass.all_stopped = all_stopped;
  const auto names = kernel_.List("/proc");
  bool any = false;
  unseen_ = names.error;
  for (const auto& name : names.value) {
    const pid_t pid = ParsePid(name);
    if (pid == 0) continue;
    any = true;
    ScanProcess(pid, &pass);
  }
  // The directory is empty where /proc is not mounted.
  if (!any && !unseen_) unseen_ = std::make_error_code(std::errc::no_such_file_or_directory);
  return pass;
}

void TargetTable::ScanProcess(pid_t pid, Pass* pass) {
  auto known = targets_.find(pid);
  auto ignored = ignored_.find(pid);
  if (known == targets_.end() && ignored == ignored_.end()) {
    ScanNew(pid, pass);
    return;
  }
  // Once a pass is not quiet, it only has to find new processes.
  if (!pass->quiet || (pass->all_stopped && known != targets_.end() && known->second.pidfd >= 0))
    return;
  auto process = ReadProcess(kernel_, pid);
  if (process && ignored != ignored_.end() && ignored->second == process.value.start) return;
  if (process && known != targets_.end() && known->second.process.start == process.value.start) {
    if (!StandsStill(kernel_, process.value)) pass->quiet = false;
    known->second.process = process.value;
    return;
  }
  pass->quiet = false;
  if (!process) return;
  pass->found_new = true;
  // The pid belongs to another process now; the next pass finds that as a new one.
  ignored_.erase(pid);
  if (known == targets_.end()) return;
  DropEnded(known);
}

void TargetTable::ScanNew(pid_t pid, Pass* pass) {
  Target fresh;
  bool gone = false;
  // The pidfd is opened before the start time is read, so that both are of the same process.
  fresh.pidfd = OpenPidfd(pid, &gone);
  auto process = gone ? Result<ProcessInfo>(std::make_error_code(std::errc::no_such_process))
                      : ReadProcess(kernel_, pid);
  if (process && !process.value.Ended()) {
    fresh.process = process.value;
    pass->fresh.push_back(std::move(fresh));
    return;
  }
  if (!process && !IsGone(process.error)) {
    unseen_ = process.error;
    pass->quiet = false;
  } else if (!process || !rule_.Skips(process.value)) {
    // A process that ended between the listing and this look may have forked. Helpers of this
    // process come and go as well, and do not count.
    pass->quiet = false;
    pass->found_new = true;
  }
  if (process) ignored_[pid] = process.value.start;
  ClosePidfd(&fresh);
}

void TargetTable::AddTargets(Pass* pass) {
  std::vector<ProcessInfo> processes;
  for (const auto& target : pass->fresh) processes.push_back(target.process);
  auto skipped = rule_.SkipEach(processes);
  for (std::size_t i = 0; i < pass->fresh.size(); ++i) {
    Target& target = pass->fresh[i];
    const pid_t pid = target.process.pid;
    if (skipped[i]) {
      ignored_[pid] = target.process.start;
      ClosePidfd(&target);
      continue;
    }
    pass->quiet = false;
    pass->found_new = true;
    Send(target, SIGSTOP);
    targets_[pid] = std::move(target);
  }
}

void TargetTable::ContinueAll() {
  for (auto& [pid, target] : targets_) Send(target, SIGCONT);
}

void TargetTable::Signal(int signal, const std::function<bool(const Target&)>& choose) {
  for (auto& [pid, target] : targets_) {
    if (!choose(target)) continue;
    Send(target, signal);
    target.last_signal = signal;
    target.stuck_since = Micros(-1);
  }
}

int TargetTable::OpenPidfd(pid_t pid, bool* gone) {
  if (!pidfds_work_ || descriptors_left_ <= 0) return -1;
  auto pidfd = kernel_.PidfdOpen(pid);
  if (pidfd) {
    --descriptors_left_;
    return pidfd.value;
  }
  *gone = IsGone(pidfd.error);
  // Linux before 5.3 has no such call; a seccomp filter answers EPERM.
  if (pidfd.error == std::errc::function_not_supported ||
      pidfd.error == std::errc::operation_not_permitted)
    pidfds_work_ = false;
  return -1;
}

void TargetTable::ClosePidfd(Target* target) {
  if (target->pidfd < 0) return;
  kernel_.Close(target->pidfd);
  target->pidfd = -1;
  ++descriptors_left_;
}

void TargetTable::Send(Target& target, int signal) {
  if (target.pidfd >= 0) {
    target.refused = SendBy(target.pidfd, target, signal);
    return;
  }
  // No descriptor was left for this target: one of the reserve serves for a moment.
  auto pidfd = pidfds_work_ ? kernel_.PidfdOpen(target.process.pid)
                            : Result<int>(std::make_error_code(std::errc::not_supported));
  if (IsSameProcess(target))
    target.refused =
        pidfd ? SendBy(pidfd.value, target, signal) : kernel_.Kill(target.process.pid, signal);
  if (pidfd) kernel_.Close(pidfd.value);
}

/// A seccomp filter may refuse pidfd_send_signal(2) and know kill(2).
std::error_code TargetTable::SendBy(int pidfd, const Target& target, int signal) {
  const auto error = kernel_.PidfdSignal(pidfd, signal);
  if (!error || IsGone(error) || !IsSameProcess(target)) return error;
  return kernel_.Kill(target.process.pid, signal);
}

bool TargetTable::IsSameProcess(const Target& target) {
  auto process = ReadProcess(kernel_, target.process.pid);
  return process && process.value.start == target.process.start;
}

std::map<pid_t, Target>::iterator TargetTable::Drop(std::map<pid_t, Target>::iterator target) {
  ClosePidfd(&target->second);
  return targets_.erase(target);
}

std::map<pid_t, Target>::iterator TargetTable::DropEnded(std::map<pid_t, Target>::iterator target) {
  ended_.Add(target->second.process.name);
  return Drop(target);
}

void TargetTable::WaitForEnds(Micros until) {
  auto next_look = kernel_.Now() + kStuckPoll;
  while (!targets_.empty()) {
    const auto now = kernel_.Now();
    if (now >= until) return;
    if (now >= next_look) {
      if (AllStuck()) return;
      next_look = now + kStuckPoll;
    }
    WaitForOne(std::min<Micros>(until - now, kStuckPoll));
  }
}

// Waiting for one pidfd and then collecting all that are ready wakes up a dozen times for 20,000
// processes. Polling all of them at once would take the CPU that their ends need.
void TargetTable::WaitForOne(Micros limit) {
  auto held = std::find_if(targets_.begin(), targets_.end(),
                           [](const auto& entry) { return entry.second.pidfd >= 0; });
  if (held == targets_.end()) {
    kernel_.Poll({}, std::min(kStatePoll, std::chrono::ceil<milliseconds>(limit)));
    DropEndedByState();
    return;
  }
  pollfd one{held->second.pidfd, POLLIN, 0};
  kernel_.Poll({&one, 1}, std::chrono::ceil<milliseconds>(limit));
  DropEndedByPidfd();
}

bool TargetTable::DropEndedByPidfd() {
  std::vector<pollfd> descriptors;
  std::vector<pid_t> pids;
  for (auto& [pid, target] : targets_) {
    if (target.pidfd < 0) continue;
    descriptors.push_back({target.pidfd, POLLIN, 0});
    pids.push_back(pid);
  }
  if (pids.empty()) return false;
  kernel_.Poll(descriptors, milliseconds(0));
  bool any = false;
  for (std::size_t i = 0; i < pids.size(); ++i) {
    if (descriptors[i].revents == 0) continue;
    DropEnded(targets_.find(pids[i]));
    any = true;
  }
  return any;
}

void TargetTable::DropEndedByState() {
  for (auto entry = targets_.begin(); entry != targets_.end();) {
    Target& target = entry->second;
    if (target.pidfd >= 0) {
      ++entry;
      continue;
    }
    auto process = ReadProcess(kernel_, target.process.pid);
    bool gone = process ? process.value.start != target.process.start || process.value.Ended()
                        : IsGone(process.error);
    if (gone) {
      entry = DropEnded(entry);
      continue;
    }
    // A descriptor may be free by now.
    bool gone_since = false;
    target.pidfd = OpenPidfd(target.process.pid, &gone_since);
    if (target.pidfd >= 0 && !IsSameProcess(target)) ClosePidfd(&target);
    ++entry;
  }
}

bool TargetTable::AllStuck() {
  const auto now = kernel_.Now();
  bool all = true;
  for (auto& [pid, target] : targets_) {
    auto process = ReadProcess(kernel_, pid);
    bool stuck = process && process.value.state == 'D';
    if (process) target.process.state = process.value.state;
    if (!stuck) target.stuck_since = Micros(-1);
    if (stuck && target.stuck_since.count() < 0) target.stuck_since = now;
    all = all && stuck && now - target.stuck_since >= limits::kStuck;
  }
  return all;
}

}  // namespace curfew
