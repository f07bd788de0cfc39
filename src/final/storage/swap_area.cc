// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/swap_area.h"

#include "final/storage/mountinfo.h"
#include "text/text.h"

namespace curfew {

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

}  // namespace curfew
