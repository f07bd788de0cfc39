// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "final/storage/dead_devices.h"

namespace curfew {

/// One line of /proc/swaps.
struct SwapArea {
  std::string path;
  bool is_file = false;
  std::uint64_t used_kib = 0;

  /// Whether something cannot be taken apart while this is in use: the file system of a swap file,
  /// a loop, dm or md device. A plain partition or zram needs no swapoff: it cannot become unclean.
  bool Pins() const;
};

/// The areas in /proc/swaps; a garbled line is left out.
std::vector<SwapArea> ParseSwaps(std::string_view text);

/// Ends the use of the areas that pin something and whose device answers. One that holds more than
/// memory can take back is left on and named; one that does not get emptier for 10 s is dead.
void SwapOffPinning(StageContext& context, DeadDevices* dead);

}  // namespace curfew
