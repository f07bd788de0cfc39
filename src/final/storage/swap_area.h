// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace curfew {

/// One line of /proc/swaps.
struct SwapArea {
  std::string path;
  bool is_file = false;
  std::uint64_t used_kib = 0;

  /// Whether the area keeps something in use that has to be unmounted or detached: it is a file, or
  /// on a loop, dm or md device. A partition or zram needs no swapoff, because it cannot become
  /// unclean.
  bool NeedsSwapOff() const;
};

/// The areas in /proc/swaps; a garbled line is left out.
std::vector<SwapArea> ParseSwaps(std::string_view text);

}  // namespace curfew
