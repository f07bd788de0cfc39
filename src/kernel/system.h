// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <poll.h>

#include <chrono>
#include <span>
#include <string>

#include "kernel/result.h"

namespace curfew {

/// The machine as a whole: its clocks, poll(2), and its end.
class System {
 public:
  virtual ~System() = default;

  /// CLOCK_BOOTTIME: goes on in suspend, never jumps.
  virtual std::chrono::microseconds Now() = 0;
  /// CLOCK_MONOTONIC: stands still in suspend. For limits: a child cannot work in suspend.
  virtual std::chrono::microseconds Monotonic() = 0;
  /// CLOCK_REALTIME since 1970-01-01 UTC: for records and the hardware clock only.
  virtual std::chrono::microseconds WallClock() = 0;
  /// ppoll(2), continued after signals. `limit` is in time of Monotonic().
  virtual Result<int> Poll(std::span<pollfd> fds, std::chrono::milliseconds limit) = 0;
  /// Whether the kernel writes the time to the hardware clock itself, every 11 minutes, because a
  /// time server sets the clock: adjtimex(2), STA_UNSYNC.
  virtual Result<bool> KeepsHardwareClock() = 0;
  /// The release of the running kernel, as uname(2) gives it.
  virtual std::string Release() = 0;
  /// A datagram socket for the interface ioctls of the caller's own network namespace.
  virtual Result<int> Socket(int family) = 0;
  /// reboot(2) with LINUX_REBOOT_CMD_*; returns only when the kernel refused or, for CAD_ON and
  /// CAD_OFF, when done. `argument` is used by RESTART2 alone.
  virtual std::error_code Reboot(unsigned command, const std::string& argument = {}) = 0;
};

}  // namespace curfew
