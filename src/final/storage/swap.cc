// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/swap.h"

#include "config/limits.h"
#include "final/storage/mountinfo.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

/// MemAvailable of /proc/meminfo in KiB. Linux before 3.14 does not have it; then memory counts as
/// unlimited.
std::uint64_t AvailableKib(Files& files) {
  return NumberAfter(files.Read("/proc/meminfo").value, "MemAvailable").value_or(UINT64_MAX);
}

}  // namespace

bool SwapArea::NeedsSwapOff() const {
  if (is_file || path.starts_with("/dev/mapper/")) return true;
  auto name = std::string_view(path).substr(path.rfind('/') + 1);
  return name.starts_with("loop") || name.starts_with("dm-") || name.starts_with("md");
}

std::vector<SwapArea> ParseSwaps(std::string_view text) {
  std::vector<SwapArea> areas;
  for (const std::string_view line : Lines(text)) {
    const auto words = WordViews(line);
    // The heading has "Size" there.
    if (words.size() != 5 || !ParseNumber<std::uint64_t>(words[2])) continue;
    const auto used = ParseNumber<std::uint64_t>(words[3]);
    if (!used) continue;
    SwapArea area;
    area.used_kib = *used;
    area.path = UndoOctal(words[0]);
    area.is_file = words[1] == "file";
    areas.push_back(std::move(area));
  }
  return areas;
}

namespace {

/// How much an area holds, in KiB; 0: it is off.
std::uint64_t UsedKib(Files& files, const std::string& path) {
  for (const auto& area : ParseSwaps(files.Read("/proc/swaps").value))
    if (area.path == path) return area.used_kib;
  return 0;
}

void SwapOff(StageContext& context, const SwapArea& area, DeadDevices* dead) {
  Kernel& kernel = context.kernel;
  auto least = area.used_kib;
  const auto errors = EachInChild(
      kernel, {.count = 1,
               .limit = limits::kDisk,
               .call = [&](std::size_t) { return kernel.SwapOff(area.path); },
               .timed_out = [&](std::size_t) { dead->Add(area.path, "swap", area.path); },
               .made_progress =
                   [&](std::size_t) {
                     const auto used = UsedKib(kernel, area.path);
                     if (used >= least) return false;
                     least = used;
                     Beat(context);
                     return true;
                   }});
  if (errors[0] && errors[0] != std::errc::timed_out)
    context.report.Say("swap " + area.path + " stays on: " + errors[0].message());
}

}  // namespace

void SwapOffWhereNeeded(StageContext& context, DeadDevices* dead) {
  Kernel& kernel = context.kernel;
  for (const auto& area : ParseSwaps(kernel.Read("/proc/swaps").value)) {
    if (!area.NeedsSwapOff() || dead->Contains(area.path) || dead->ContainsPath(area.path))
      continue;
    if (area.used_kib > AvailableKib(kernel))
      context.report.Say("swap " + area.path + " stays on: it holds " +
                         std::to_string(area.used_kib / 1024) + " MiB, more than memory can take");
    else
      SwapOff(context, area, dead);
  }
}

}  // namespace curfew
