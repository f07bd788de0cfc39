// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "kernel/kernel.h"
#include "kernel/vitals.h"

namespace curfew {

/// What the machine does after the last stage.
enum class Ending { kHalt, kPowerOff, kRestart, kKexec };

/// What one run of `halt` was asked to do; settled before the first stage, then constant.
struct FinalRequest {
  Ending ending = Ending::kHalt;
  std::string restart_argument;  ///< -m: the text for LINUX_REBOOT_CMD_RESTART2; empty: none.
  bool sync = true;              ///< Cleared by -n: no sync(2) and no record.
  bool record = true;            ///< Cleared by -d and -n.
  bool standby = false;          ///< -h: drives go into standby at the end.
  bool interfaces_down = false;  ///< -i
  bool last = false;             ///< This halt ends the machine: dm, md and PID 1 are its own.
  bool final_level = false;      ///< The machine is in level 0 or 6, or on its way down (--fast).
  /// --fast outside of level 0 and 6: no script has run or will run, and PID 1 keeps a level up.
  bool without_rc = false;
  bool container = false;  ///< Design, "Containers": only kill, record and own mounts.
  /// Cleared by -d: Debian's own halt script, which ends with it, has called ups-monitor before.
  bool ups = true;
  /// A file with the sessions of rc's running scripts, one decimal id a line (--spare-fd). It
  /// changes while the kill stage runs: read it again before each round. Empty: there is none.
  std::string sessions_file;
  Settings settings;  ///< The configuration; the defaults where it could not be read in time.
};

/// One key and its value in an event; numbers are written as text.
struct EventField {
  std::string_view key;
  std::string value;
};

/// Where the stages tell people and the trace what they do. Neither function blocks or fails.
class Report {
 public:
  virtual ~Report() = default;
  /// One line for people, without newline; escaped by the receiver.
  virtual void Say(std::string_view line) = 0;
  /// One event for the trace (design section 7), e.g. Event("killed", {{"pid", "812"}}).
  virtual void Event(std::string_view name, std::initializer_list<EventField> fields) = 0;
};

/// A child that works beside the stages, from RunBeside() to Settle().
struct Helper {
  int child;
  std::chrono::microseconds deadline;  ///< By Kernel::Now().
  std::function<void(std::error_code)> done;
};

/// All that a stage may use. A stage reports a failed step and goes on (design, rule R3).
struct StageContext {
  Kernel& kernel;
  Report& report;
  const FinalRequest& request;
  std::vector<Helper> helpers{};
  const Vitals* vitals = nullptr;  ///< What the dead-man is told; null: there is none to tell.
};

/// Tells the dead-man that what is waited for gets on.
inline void Tick(const StageContext& context) {
  if (context.vitals && *context.vitals) ++(*context.vitals)->ticks;
}

}  // namespace curfew
