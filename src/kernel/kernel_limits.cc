// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/kernel_limits.h"

#include <optional>
#include <string>

#include "kernel/container.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr char kShare[] = "/proc/sys/kernel/sched_rt_runtime_us";
constexpr char kPeriod[] = "/proc/sys/kernel/sched_rt_period_us";
constexpr char kWatches[] = "/proc/sys/fs/epoll/max_user_watches";
constexpr long kEnoughWatches = 1 << 20;

std::optional<long> Limit(Files& files, const char* path) {
  return ParseNumber<long>(FirstLine(files.Read(path).value));
}

}  // namespace

void RaiseKernelLimits(Kernel& kernel) {
  if (InContainer(kernel)) return;
  const auto period = Limit(kernel, kPeriod), share = Limit(kernel, kShare);
  if (period && share && *share != *period / 100 * 95)
    kernel.Write(kShare, std::to_string(*period / 100 * 95));
  const auto watches = Limit(kernel, kWatches);
  if (watches && *watches < kEnoughWatches) kernel.Write(kWatches, std::to_string(kEnoughWatches));
}

}  // namespace curfew
