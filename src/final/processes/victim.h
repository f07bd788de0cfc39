// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>

#include "kernel/process_info.h"

namespace curfew {

/// A process that is to end.
struct Victim {
  ProcessInfo process;
  int pidfd = -1;  ///< -1: no pidfd here or no descriptor left; the start time is compared instead.
  int told = 0;    ///< The last signal of Roster::Tell().
  /// Since when each look found it in D; negative: it was not.
  std::chrono::microseconds stuck_since{-1};
};

}  // namespace curfew
