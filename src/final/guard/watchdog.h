// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>

#include "kernel/kernel.h"

namespace curfew {

/// The hardware watchdog. It resets the machine when it is not fed, even if the kernel hangs. The
/// dead-man holds it if WATCHDOG=yes, or if it already runs and no other process holds it.
class Watchdog {
 public:
  /// `limit`: from the last feeding to the reset, as far as the hardware allows.
  Watchdog(Kernel& kernel, bool wanted, std::chrono::seconds limit)
      : kernel_(kernel), wanted_(wanted), limit_(limit) {}
  Watchdog(const Watchdog&) = delete;

  /// Opens the device, which arms it, unless it is open in this process or in a daemon (EBUSY).
  void Take();
  bool Held() const { return fd_ >= 0; }
  void Feed();
  /// Feeds it for the last time, with a limit for firmware and the next kernel (10 min, as
  /// systemd's RebootWatchdogSec): a restart that hangs ends in a reset.
  void LeaveArmed();
  /// Stops it, for a machine that stays off or up.
  void Disarm();

 private:
  /// The device to open; empty: none.
  std::string Device();
  void SetLimit(std::chrono::seconds limit);

  Kernel& kernel_;
  const bool wanted_;
  const std::chrono::seconds limit_;
  int fd_ = -1;
  bool stops_on_close_ = false;  ///< The driver has no WDIOF_MAGICCLOSE.
};

}  // namespace curfew
