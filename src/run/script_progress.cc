// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/script_progress.h"

#include <algorithm>

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// CPU is counted over this time, or over half of the limit where that is less.
constexpr milliseconds kWindow{10000};
/// The kernel keeps 15 bytes of a name: TASK_COMM_LEN of <linux/sched.h>.
constexpr std::size_t kCommLength = 15;

/// Those that have not ended. Where there are daemons, only their CPU counts: the script may be a
/// loop that asks whether they have ended.
std::vector<ProcessSample> Living(const std::vector<ScannedProcess>& processes, bool* daemons) {
  *daemons = std::any_of(processes.begin(), processes.end(),
                         [](const ScannedProcess& p) { return p.daemon && !p.Ended(); });
  std::vector<ProcessSample> living;
  for (const ScannedProcess& process : processes) {
    if (process.Ended()) continue;
    living.push_back(process);
    living.back().cpu_counts = process.daemon || !*daemons;
  }
  return living;
}

}  // namespace

std::string Described(const ScannedProcess& process) {
  std::string text = process.name + "[" + std::to_string(process.id.pid) + "] " + process.state;
  return process.wait_channel.empty() ? text : text + " " + process.wait_channel;
}

ScriptProgress::ScriptProgress(const std::string& script, milliseconds limit)
    : sampler_({limit.count() == 0 ? kWindow : std::min(kWindow, limit / 2),
                script.substr(0, kCommLength)}) {}

bool ScriptProgress::Add(Time now, const std::vector<ScannedProcess>& processes, long long printed,
                         const DiskSample& disks) {
  bool daemons = false;
  const std::vector<ProcessSample> living = Living(processes, &daemons);
  // The script's output tells nothing of the daemon's progress.
  if (!daemons) counted_ += printed - printed_;
  printed_ = printed;
  return sampler_.Add(std::chrono::duration_cast<milliseconds>(now.time_since_epoch()), living,
                      disks, counted_);
}

std::vector<const ScannedProcess*> ProcessesWaitedFor(
    const std::vector<ScannedProcess>& processes) {
  std::vector<std::pair<int, const ScannedProcess*>> ranked;
  const auto has_children = [&](const ScannedProcess& process) {
    return std::any_of(processes.begin(), processes.end(), [&](const ScannedProcess& p) {
      return p.parent == process.id.pid && !p.Ended() && p.daemon == process.daemon;
    });
  };
  for (const ScannedProcess& process : processes) {
    if (process.Ended()) continue;
    const bool leaf = !has_children(process);
    int rank = leaf ? (process.name == "sleep" ? 4 : 3) : 5;
    // The first daemon is the parent of the others.
    if (process.daemon) rank = 2;
    if (process.WaitsForDevice()) rank = leaf ? 0 : 1;
    ranked.push_back({rank, &process});
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const ScannedProcess*> result;
  for (const auto& [rank, process] : ranked)
    if (result.empty() || !has_children(*process)) result.push_back(process);
  return result;
}

}  // namespace curfew
