// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/stop_writers.h"

#include <signal.h>

#include <algorithm>

#include "config/limits.h"
#include "final/processes/skip_list.h"
#include "final/processes/stands_still.h"

namespace curfew {
namespace {

/// Time between two looks at those that are to stand still.
constexpr std::chrono::milliseconds kPoll{10};

/// Whether the process is still the one that was found, and runs.
bool Runs(Kernel& kernel, const ProcessInfo& process) {
  const auto now = ReadProcess(kernel, process.pid);
  return now && now.value.start == process.start && !StandsStill(kernel, now.value);
}

}  // namespace

void StopWriters(StageContext& context, const std::vector<ProcessInfo>& writers) {
  Kernel& kernel = context.kernel;
  if (writers.empty()) return;
  SkipList skip_list(context, FuseUse::kCarries);
  skip_list.Refresh();
  std::vector<ProcessInfo> stopped;
  for (const ProcessInfo& process : writers)
    if (!skip_list.Skips(process) && !IsStorageDaemonName(process.name) && Runs(kernel, process) &&
        !kernel.Kill(process.pid, SIGSTOP))
      stopped.push_back(process);
  const auto end = kernel.Now() + limits::kStopWriters;
  while (kernel.Now() < end && std::any_of(stopped.begin(), stopped.end(),
                                           [&](const auto& one) { return Runs(kernel, one); }))
    kernel.Poll({}, kPoll);
}

}  // namespace curfew
