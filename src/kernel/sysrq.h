// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "kernel/in_child.h"

namespace curfew {

/// What the dead-man works with, opened while everything answers; -1: there is none.
struct Instruments {
  int trigger = -1;  ///< /proc/sysrq-trigger, which heeds no mask of kernel.sysrq.
  int log = -1;      ///< /dev/kmsg, read and written.
  int memory = -1;   ///< /proc/meminfo
};

/// Opens them while a file system still answers; one that cannot be opened is -1.
Instruments OpenInstruments(Kernel& kernel);
/// Closes those that are open, where they were opened for another process.
void CloseInstruments(Kernel& kernel, const Instruments& instruments);

/// The last hand on a machine whose halt does not come to its end: the kernel's own, through
/// /proc/sysrq-trigger; where that is missing, sync(2) and reboot(2). Each step is made in a child,
/// because what the kernel prints meanwhile may wait for a slow console, and has a limit.
class Sysrq {
 public:
  Sysrq(Kernel& kernel, const Instruments& instruments)
      : kernel_(kernel), instruments_(instruments) {}

  /// To the kernel's log, so that it is on the consoles, in its most urgent words.
  void Say(const std::string& line);
  /// w: the stacks of what hangs, into the log. s: sync. u: all file systems read-only. The latter
  /// two as long as the kernel needs, or 10 s without a change in what is yet to be written, but a
  /// minute each at the most. `alive` is called at each look, while it advances.
  void Save(const std::function<void()>& alive);
  /// o, and b. Return after 10 s without effect.
  void PowerOff() { End('o'); }
  void Restart() { End('b'); }

 private:
  ChildCall<std::error_code> Press(char key);
  void PressUntil(char key, std::string_view done, const std::function<void()>& alive);
  void End(char key);
  /// What the kernel has logged since the last call.
  std::string NewLines();
  /// Dirty and Writeback of /proc/meminfo in KiB; -1: unknown.
  long Unwritten();

  Kernel& kernel_;
  const Instruments instruments_;
};

}  // namespace curfew
