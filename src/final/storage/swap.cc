// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/swap.h"

#include <charconv>

#include "final/storage/mountinfo.h"
#include "kernel/each_in_child.h"

namespace curfew {
namespace {

constexpr std::chrono::milliseconds kLimit{10000};

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty()) return words;
    auto word = line.substr(0, line.find_first_of(" \t"));
    words.push_back(word);
    line.remove_prefix(word.size());
  }
}

bool Number(std::string_view text, std::uint64_t* value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

/// MemAvailable of /proc/meminfo in KiB; kernels without the line do not limit a swapoff.
std::uint64_t AvailableKib(Kernel& kernel) {
  auto text = kernel.Read("/proc/meminfo").value;
  auto at = text.find("\nMemAvailable:");
  std::uint64_t available = UINT64_MAX;
  if (at == std::string::npos) return available;
  auto words = Words(std::string_view(text).substr(at + 1));
  if (words.size() < 2 || !Number(words[1], &available)) return UINT64_MAX;
  return available;
}

}  // namespace

bool SwapArea::Pins() const {
  if (is_file || path.starts_with("/dev/mapper/")) return true;
  auto name = std::string_view(path).substr(path.rfind('/') + 1);
  return name.starts_with("loop") || name.starts_with("dm-") || name.starts_with("md");
}

std::vector<SwapArea> ParseSwaps(std::string_view text) {
  std::vector<SwapArea> areas;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    auto words = Words(line);
    SwapArea area;
    std::uint64_t size = 0;
    // The heading fails here: its size is no number.
    if (words.size() != 5 || !Number(words[2], &size) || !Number(words[3], &area.used_kib))
      continue;
    area.path = UndoOctal(words[0]);
    area.is_file = words[1] == "file";
    areas.push_back(std::move(area));
  }
  return areas;
}

namespace {

/// What an area still holds, in KiB; 0: it is off.
std::uint64_t UsedKib(Kernel& kernel, const std::string& path) {
  for (const auto& area : ParseSwaps(kernel.Read("/proc/swaps").value))
    if (area.path == path) return area.used_kib;
  return 0;
}

void SwapOff(StageContext& context, const SwapArea& area, DeadDevices* dead) {
  Kernel& kernel = context.kernel;
  auto least = area.used_kib;
  const auto answers =
      EachInChild(kernel, {.count = 1,
                           .limit = kLimit,
                           .call = [&](std::size_t) { return kernel.SwapOff(area.path).value(); },
                           .missed = [&](std::size_t) { dead->Add(area.path, "swap", area.path); },
                           .got_on =
                               [&](std::size_t) {
                                 const auto used = UsedKib(kernel, area.path);
                                 if (used >= least) return false;
                                 least = used;
                                 Tick(context);
                                 return true;
                               }});
  const std::error_code error(answers[0], std::generic_category());
  if (error && error != std::errc::timed_out)
    context.report.Say("swap " + area.path + " stays on: " + error.message());
}

}  // namespace

void SwapOffPinning(StageContext& context, DeadDevices* dead) {
  Kernel& kernel = context.kernel;
  for (const auto& area : ParseSwaps(kernel.Read("/proc/swaps").value)) {
    if (!area.Pins() || dead->Contains(area.path) || dead->Carry(area.path)) continue;
    if (area.used_kib > AvailableKib(kernel))
      context.report.Say("swap " + area.path + " stays on: it holds " +
                         std::to_string(area.used_kib / 1024) + " MiB, more than memory can take");
    else
      SwapOff(context, area, dead);
  }
}

}  // namespace curfew
