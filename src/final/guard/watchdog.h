// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>

#include "kernel/kernel.h"

namespace curfew {

/// The hardware watchdog, held by the dead-man: the machine is reset when nobody feeds it, whatever
/// else has stopped. It is taken where WATCHDOG=yes, or where it runs already and nobody holds it.
class Watchdog {
 public:
  /// `limit`: what passes between the last feeding and the reset, as far as the hardware can.
  Watchdog(Kernel& kernel, bool wanted, std::chrono::seconds limit)
      : kernel_(kernel), wanted_(wanted), limit_(limit) {}
  Watchdog(const Watchdog&) = delete;

  /// Takes it, unless it is held already, by us or by a daemon (EBUSY).
  void Take();
  bool Held() const { return fd_ >= 0; }
  void Feed();
  /// Feeds it for the last time, and for as long as firmware and the next kernel may need
  /// (systemd: RebootWatchdogSec, 10 min): a restart that hangs ends in a reset.
  void LeaveArmed();
  /// A machine that stays off, or up, must not be reset.
  void Disarm();

 private:
  /// Empty: there is none to take.
  std::string Device();
  void SetLimit(std::chrono::seconds limit);

  Kernel& kernel_;
  const bool wanted_;
  const std::chrono::seconds limit_;
  int fd_ = -1;
};

}  // namespace curfew
