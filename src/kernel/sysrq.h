// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "kernel/in_child.h"

namespace curfew {

/// The files of the kernel that Sysrq needs; -1: there is no such file.
struct SysrqFiles {
  int trigger = -1;  ///< /proc/sysrq-trigger, which heeds no mask of kernel.sysrq.
  int log = -1;      ///< /dev/kmsg, read and written.
  int memory = -1;   ///< /proc/meminfo
};

/// Opens the files, early: later no file system may answer.
SysrqFiles OpenSysrqFiles(Kernel& kernel);
/// Closes the files in the process that opened them for another one.
void CloseSysrqFiles(Kernel& kernel, const SysrqFiles& files);

/// Ends a machine whose halt hangs, through /proc/sysrq-trigger (kernel,
/// Documentation/admin-guide/sysrq.rst); where that file is missing, through sync(2) and reboot(2).
/// Each step runs in a child with a limit: the kernel prints lines meanwhile, and a slow console
/// holds up the process that pressed the key. Where no child can be had this process takes the
/// step, but for sync(2), which may not return.
class Sysrq {
 public:
  Sysrq(Kernel& kernel, const SysrqFiles& files) : kernel_(kernel), files_(files) {}

  /// Writes a line to the kernel's log, at the most urgent level: every console shows it.
  void Say(const std::string& line);
  /// Presses w (stacks of hung tasks into the log), s (sync) and u (all file systems read-only).
  /// Waits after s and after u until the kernel logs the end, for at most 10 s without write-back
  /// and 60 s in all. Calls `alive` every 0.1 s.
  void Save(const std::function<void()>& alive);
  /// Presses u alone, as Save() does. Nothing happens without /proc/sysrq-trigger.
  void RemountReadOnly(const std::function<void()>& alive);
  /// Whether a driver has logged a line about a device since the last call, or the last key: such
  /// lines name the device beside their text (/dev/kmsg of the kernel's ABI documentation), and no
  /// process can write one.
  bool DriverSpoke();
  /// Press o, respectively b. Return if the key has no effect for 10 s.
  void PowerOff() { End('o'); }
  void Restart() { End('b'); }

 private:
  ChildCall<std::error_code> Press(char key);
  std::error_code PressHere(char key);
  void PressUntil(char key, std::string_view done, const std::function<void()>& alive);
  void End(char key);
  /// The lines that the kernel has logged since the last call.
  std::string NewLines();
  /// Dirty and Writeback of /proc/meminfo in KiB; -1: unknown.
  long Unwritten();

  Kernel& kernel_;
  const SysrqFiles files_;
};

}  // namespace curfew
