// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "kernel/heartbeat.h"
#include "kernel/in_child.h"

namespace curfew {

/// What the machine does after the last stage.
enum class Ending { kHalt, kPowerOff, kRestart, kKexec };

/// What one call of halt was asked to do. Settled before the first stage, then constant.
struct FinalRequest {
  Ending ending = Ending::kHalt;
  std::string restart_argument;  ///< -m: the text for LINUX_REBOOT_CMD_RESTART2; empty: none.
  bool sync = true;              ///< -n clears it: no sync(2) and no record.
  bool record = true;            ///< -d and -n clear it.
  bool standby = false;          ///< -h: drives go into standby at the end.
  bool interfaces_down = false;  ///< -i
  /// This call is part of a shutdown: level 0 or 6, --fast, or init is ending the machine. Only
  /// then the files in /run/curfew count that one stage leaves for the next.
  bool in_shutdown = false;
  /// This call runs the whole sequence, at least until reboot(2): nothing that is left has to live
  /// on. False for the stages that rc runs in the place of scripts.
  bool last = false;
  /// An earlier call of this shutdown has run all stages but power, then a script.
  bool finished = false;
  /// --fast outside level 0 and 6: no script has run or will run, and PID 1 still restarts what a
  /// level needs.
  bool without_rc = false;
  /// A container: stages end its processes, write its record and unmount its mounts, no more.
  bool container = false;
  /// Call `ups-monitor poweroff`. -d clears it: Debian's own halt script has called it before it
  /// calls `halt -d`. --until-power leaves it to the script as well.
  bool ups = true;
  /// File with the process groups of rc's running scripts, one a line (--spare-fd). rc changes
  /// it while the kill stage runs, so that stage reads it before each round. Empty: no file.
  std::string groups_file;
  Settings settings;  ///< The defaults if the files could not be read in time.
};

/// One key of an event and its value. A value that has only digits becomes a number, unless it is
/// `text`.
struct EventField {
  std::string_view key;
  std::string value;
  bool text = false;
};

/// Where stages write what they do. Neither function blocks or fails.
class Report {
 public:
  virtual ~Report() = default;
  /// One line for people, without newline; the receiver escapes it.
  virtual void Say(std::string_view line) = 0;
  /// One event for the trace, e.g. Event("killed", {{"pid", "812"}}).
  virtual void Event(std::string_view name, std::initializer_list<EventField> fields) = 0;
};

/// A child that works while the next stages run (background.h).
struct BackgroundCall {
  ChildCall<std::error_code> call;
  std::chrono::microseconds deadline;  ///< By System::Monotonic().
  std::function<void(std::error_code)> done;
};

/// All that a stage may use.
struct StageContext {
  Kernel& kernel;
  Report& report;
  const FinalRequest& request;
  std::vector<BackgroundCall> background{};
  const Heartbeat* heartbeat = nullptr;  ///< The page that the dead-man reads; null: there is none.
  /// What stages that run again leave alone: mounts (storage/settled_mounts.h), and the names of
  /// hidden file systems that were forced.
  std::set<std::string> settled{};
  /// File systems that the last look found writable, by mount point or name, and why.
  std::map<std::string, std::string> left_writable{};
  bool writable_after_hooks = false;  ///< The stages that make disks safe have to run again.
};

/// Tells the dead-man that the step that runs makes progress.
inline void Beat(const StageContext& context) {
  if (context.heartbeat && *context.heartbeat) ++(*context.heartbeat)->beats;
}

}  // namespace curfew
