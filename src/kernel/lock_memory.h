// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace curfew {

/// Which pages of the program LockMemory() keeps.
enum class Pages {
  kAll,    ///< also those that it has to read from the disk for that
  kLoaded  ///< those that are there, and each that comes: reads nothing, for the disk may be dead
};

/// Keeps pages of the program in memory, now and later: a dying disk or a swap that goes off cannot
/// stop it. Without the right to do so it changes nothing.
void LockMemory(Pages pages);

}  // namespace curfew
