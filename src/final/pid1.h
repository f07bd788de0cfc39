// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "kernel/kernel.h"

namespace curfew {

/// The paths of shutdown(8), in the order in which sysvinit's halt tries them.
inline constexpr std::array kShutdownPrograms{"/sbin/shutdown", "/etc/shutdown", "/bin/shutdown"};

/// PID 1 as procfs shows it. Reads no other file system, so nothing here can hang.
class Pid1 {
 public:
  explicit Pid1(Files& files);

  /// Its comm, at most 15 bytes; "?" if procfs does not tell it.
  const std::string& Name() const { return name_; }
  /// Whether it has a handler for `signal`. Signals that it waits for in sigtimedwait(2) do not
  /// show.
  bool Catches(int signal) const { return caught_ & Bit(signal); }
  /// Whether it is busybox init, also under another file name.
  bool IsBusyboxInit() const { return busybox_init_; }
  /// Whether it is busybox init and runs its ::shutdown: entries: it catches no signal then (its
  /// init.c).
  bool GoesDown() const { return busybox_init_ && caught_ == 0; }
  /// Whether its name is that of an init, not of some program that a container was made for.
  bool IsInit() const;

 private:
  /// The bit of `signal` in the masks of /proc/PID/status.
  static constexpr std::uint64_t Bit(int signal) { return std::uint64_t{1} << (signal - 1); }
  bool CatchesAsBusyboxInit() const;

  std::string name_ = "?";
  std::uint64_t caught_ = 0;
  bool busybox_init_ = false;
};

/// Whether shutdown(8) finds an init that takes its request: /run/initctl has a reader, systemd
/// runs, or PID 1 is an init and the program is there. errc::timed_out if a file system does not
/// answer within 2 s.
Result<bool> ShutdownReachesInit(Kernel& kernel, const Pid1& pid1);

}  // namespace curfew
