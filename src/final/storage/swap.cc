// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/swap.h"

#include <algorithm>

#include "config/limits.h"
#include "final/context/slow_wait.h"
#include "final/storage/device_limits.h"
#include "final/storage/swap_area.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

/// MemAvailable of /proc/meminfo in KiB. Linux before 3.14 does not have it; then memory counts as
/// unlimited.
std::uint64_t AvailableKib(Files& files) {
  return NumberAfter(files.Read("/proc/meminfo").value, "MemAvailable").value_or(UINT64_MAX);
}

/// How much an area holds, in KiB; 0: it is off.
std::uint64_t UsedKib(Files& files, const std::string& path) {
  for (const auto& area : ParseSwaps(files.Read("/proc/swaps").value))
    if (area.path == path) return area.used_kib;
  return 0;
}

/// That of the slowest disk below the area.
std::chrono::milliseconds LimitOf(Files& files, const StorageGraph& graph, const SwapArea& area) {
  DeviceLimits device_limits(files, graph);
  std::chrono::milliseconds longest = limits::kDisk;
  for (const std::string& number : graph.Below(area))
    longest = std::max(longest, device_limits.Of(number));
  return longest;
}

/// Why the area stays on; clear: it is off, or added to `dead`.
std::error_code SwapOff(StageContext& context, const StorageGraph& graph, const SwapArea& area,
                        DeadDevices* dead) {
  Kernel& kernel = context.kernel;
  auto least = area.used_kib;
  SlowWait wait(kernel.Now());
  const auto errors = EachInChild(
      kernel, {.count = 1,
               .limit = LimitOf(kernel, graph, area),
               .call = [&](std::size_t) { return kernel.SwapOff(area.path); },
               .timed_out = [&](std::size_t) { dead->Add(area.path, "swap", area.path); },
               .made_progress =
                   [&](std::size_t) {
                     const auto used = UsedKib(kernel, area.path);
                     if (context.request.last && wait.IsDue(kernel.Now()))
                       context.report.Say("turning off swap " + area.path + ": " +
                                          wait.Waited(kernel.Now()) + ", " +
                                          std::to_string(used / 1024) + " MB left");
                     if (used >= least) return false;
                     least = used;
                     Beat(context);
                     return true;
                   }});
  return errors[0] == std::errc::timed_out ? std::error_code() : errors[0];
}

}  // namespace

std::vector<std::string> SwapOffWhereNeeded(StageContext& context, const StorageGraph& graph,
                                            DeadDevices* dead) {
  std::vector<std::string> lines;
  for (const auto& area : graph.swaps) {
    if (!graph.HoldsStorage(area) || dead->Carry(graph, area)) continue;
    const auto line = "swap " + area.path + " stays on: ";
    if (area.used_kib > AvailableKib(context.kernel))
      lines.push_back(line + "it holds " + std::to_string(area.used_kib / 1024) +
                      " MiB, more than memory can take");
    else if (const auto error = SwapOff(context, graph, area, dead))
      lines.push_back(line + error.message());
  }
  return lines;
}

}  // namespace curfew
