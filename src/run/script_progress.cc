// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/script_progress.h"

#include <algorithm>

namespace curfew {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWindow{10000};
/// The kernel keeps 15 bytes of a name: TASK_COMM_LEN of <linux/sched.h>.
constexpr std::size_t kCommLength = 15;

/// Those that count: the daemon's where there are any, else all.
std::vector<ProcessSample> InScope(const std::vector<ScannedProcess>& processes, bool* daemons) {
  std::vector<ProcessSample> scope, own;
  for (const ScannedProcess& process : processes)
    if (!process.Ended()) (process.daemon ? scope : own).push_back(process);
  *daemons = !scope.empty();
  return *daemons ? scope : own;
}

}  // namespace

ScriptProgress::ScriptProgress(const std::string& script, milliseconds limit)
    : sampler_({limit.count() == 0 ? kWindow : std::min(kWindow, limit / 2),
                script.substr(0, kCommLength)}) {}

bool ScriptProgress::Add(Time now, const std::vector<ScannedProcess>& processes, long long printed,
                         const DiskSample& disks) {
  bool daemons = false;
  const std::vector<ProcessSample> scope = InScope(processes, &daemons);
  // What the script prints says nothing of its daemon.
  if (!daemons) counted_ += printed - printed_;
  printed_ = printed;
  return sampler_.Add(std::chrono::duration_cast<milliseconds>(now.time_since_epoch()), scope,
                      disks, counted_);
}

const ScannedProcess* Culprit(const std::vector<ScannedProcess>& processes) {
  const auto rank = [&](const ScannedProcess& process) {
    const bool leaf =
        std::none_of(processes.begin(), processes.end(), [&](const ScannedProcess& p) {
          return p.parent == process.id.pid && !p.Ended() && p.daemon == process.daemon;
        });
    if (process.WaitsForDevice()) return 0;
    // The daemon is the one that all others of its come from: they are seen in that order.
    if (process.daemon) return 1;
    if (!leaf) return 4;
    return process.name == "sleep" ? 3 : 2;
  };
  const ScannedProcess* culprit = nullptr;
  for (const ScannedProcess& process : processes) {
    if (process.Ended()) continue;
    if (!culprit || rank(process) < rank(*culprit)) culprit = &process;
  }
  return culprit;
}

}  // namespace curfew
