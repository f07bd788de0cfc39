// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <string>

#include "text/text.h"

namespace curfew {

/// When people are told what a stage waits for: after 3 s, then each 10 s that the wait takes. Each
/// time is a line of its own, also on a terminal: the kernel and hooks write there as well.
class SlowWait {
 public:
  using Micros = std::chrono::microseconds;

  explicit SlowWait(Micros begun) : begun_(begun) {}

  /// To be asked each second; true once for each time.
  bool IsDue(Micros now) {
    if (now - begun_ < next_) return false;
    next_ = ((now - begun_) / kInterval + 1) * kInterval;
    return true;
  }
  /// "13 s"
  std::string Waited(Micros now) const {
    return Seconds(std::chrono::floor<std::chrono::seconds>(now - begun_));
  }

 private:
  static constexpr std::chrono::seconds kInterval{10};

  Micros begun_;
  Micros next_ = std::chrono::seconds(3);
};

}  // namespace curfew
