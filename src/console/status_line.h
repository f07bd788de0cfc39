// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "run/event.h"

namespace curfew {

/// What a run waits for, on one line, names escaped:
/// "[17/23] stopping cups 14 s, limit 90 s: cupsd[812] D nfs_wait_bit_killable".
std::string StatusLine(const Waiting& waiting);

/// A process that is waited for, names escaped: "cupsd[812] D nfs_wait_bit_killable".
std::string ProcessText(std::string_view label, char state, std::string_view wait_channel);

/// `line` as it fits a terminal of `columns`, whose last column stays free: a full line would wrap,
/// and could not be erased. `hint` is appended where there is room for all of it. Every character
/// that is not ASCII counts as two columns: some are that wide.
std::string Fitted(std::string_view line, std::string_view hint, size_t columns);

/// When a console that cannot erase gets the status as a line of its own: what is waited for newly
/// at once (the runner is silent for 3 s), then each 10 s of its time.
class StatusIntervals {
 public:
  bool IsDue(const Waiting& waiting);

 private:
  const Script* script_ = nullptr;
  std::chrono::seconds next_{0};
};

}  // namespace curfew
