// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/activity.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace curfew {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWindow{10000};
/// 2 %, as a divisor.
constexpr int kShareOfCpu = 50;
/// Bytes in a millisecond; more is a script that does little else.
constexpr long long kChatter = 4;

constexpr std::array<std::string_view, 10> kShells{"sh",   "dash", "bash",  "ash",     "ksh",
                                                   "mksh", "zsh",  "ksh93", "busybox", "fish"};

/// Where the parent of a vfork(2) waits in state D, until its child execs: the function's names in
/// kernel/fork.c. dash starts every program so, and a loop of programs is no wait for a disk.
constexpr std::array<std::string_view, 3> kVfork{"kernel_clone", "_do_fork", "do_fork"};

/// For a device or a file system, as far as can be seen.
bool WaitsInKernel(const SeenProcess& process) {
  return process.state == 'D' &&
         std::find(kVfork.begin(), kVfork.end(), process.wait_channel) == kVfork.end();
}

bool Ended(const SeenProcess& process) {
  return process.state == 'Z' || process.state == 'X';
}

/// Those that count: the daemon's where there are any, else all.
std::vector<SeenProcess> InScope(const std::vector<SeenProcess>& processes, bool* daemons) {
  std::vector<SeenProcess> scope, own;
  for (const SeenProcess& process : processes) {
    if (!Ended(process)) (process.daemon ? scope : own).push_back(process);
  }
  *daemons = !scope.empty();
  return *daemons ? scope : own;
}

}  // namespace

Activity::Activity(std::string script, milliseconds limit)
    // The kernel keeps 15 bytes of a name: TASK_COMM_LEN of <linux/sched.h>.
    : script_(script.substr(0, 15)),
      window_(limit.count() == 0 ? kWindow : std::min(kWindow, limit / 2)) {}

bool Activity::Add(Time now, const std::vector<SeenProcess>& processes, long long printed,
                   const Disks& disks) {
  bool daemons = false;
  const std::vector<SeenProcess> scope = InScope(processes, &daemons);
  const bool io = DidIo(scope);
  const bool wrote_back = WroteBack(scope, disks);
  Past look{now, printed, {}};
  for (const SeenProcess& process : scope) {
    if (!IsShell(process.name)) look.cpu_ms[process.id] = process.cpu_ms;
  }
  while (past_.size() > 1 && now - past_[1].time >= window_) past_.pop_front();
  const bool cpu = UsedCpu(look, daemons);
  past_.push_back(std::move(look));
  return io || wrote_back || cpu;
}

/// A process that was not there before counts with all it did; at the first look nothing is new.
bool Activity::DidIo(const std::vector<SeenProcess>& processes) {
  bool grew = false;
  for (const SeenProcess& process : processes) {
    if (process.io < 0) continue;
    const auto [known, added] = io_.try_emplace(process.id, first_ ? process.io : 0);
    grew = grew || process.io > known->second;
    known->second = process.io;
  }
  first_ = false;
  return grew;
}

/// By one process from look to look: the short waits of a loop that forks are none. Never more than
/// there was to write when the wait began: others that write meanwhile do not make a dead disk's
/// wait look alive for long.
/// Where only flushes are left to wait for nothing gets less; but one that never ends is one wait.
bool Activity::WroteBack(const std::vector<SeenProcess>& processes, const Disks& disks) {
  std::map<ProcessId, std::uint64_t> waiting;
  bool still = false, another = false;
  for (const SeenProcess& process : processes) {
    if (!WaitsInKernel(process)) continue;
    waiting[process.id] = process.waits;
    const auto before = waiting_.find(process.id);
    if (before == waiting_.end()) continue;
    still = true;
    another = another || process.waits > before->second;
  }
  waiting_ = std::move(waiting);
  const bool less = still && disks.unwritten < unwritten_;
  if (less || !still) unwritten_ = disks.unwritten;
  const bool completed = std::exchange(completed_, disks.completed) < disks.completed;
  return less || (another && completed);
}

/// Enough over the window, and some of it since the last look: what was used long ago is over.
bool Activity::UsedCpu(const Past& now, bool daemons) const {
  if (past_.empty() || now.time - past_.front().time < window_) return false;
  const Past& then = past_.front();
  const auto span = std::chrono::duration_cast<milliseconds>(now.time - then.time).count();
  if (!daemons && now.printed - then.printed > kChatter * span) return false;
  long long used = 0;
  bool lately = false;
  for (const auto& [id, cpu_ms] : now.cpu_ms) {
    const auto before = then.cpu_ms.find(id);
    const auto last = past_.back().cpu_ms.find(id);
    if (before == then.cpu_ms.end()) continue;
    used += cpu_ms - before->second;
    lately = lately || last == past_.back().cpu_ms.end() || cpu_ms > last->second;
  }
  return lately && used * kShareOfCpu >= span;
}

bool Activity::IsShell(const std::string& name) const {
  return name == script_ || std::find(kShells.begin(), kShells.end(), name) != kShells.end();
}

const SeenProcess* Culprit(const std::vector<SeenProcess>& processes) {
  const auto rank = [&](const SeenProcess& process) {
    const bool leaf = std::none_of(processes.begin(), processes.end(), [&](const SeenProcess& p) {
      return p.parent == process.id.pid && !Ended(p) && p.daemon == process.daemon;
    });
    if (WaitsInKernel(process)) return 0;
    // The daemon is the one that all others of its come from: they are seen in that order.
    if (process.daemon) return 1;
    if (!leaf) return 4;
    return process.name == "sleep" ? 3 : 2;
  };
  const SeenProcess* culprit = nullptr;
  for (const SeenProcess& process : processes) {
    if (Ended(process)) continue;
    if (!culprit || rank(process) < rank(*culprit)) culprit = &process;
  }
  return culprit;
}

}  // namespace curfew
