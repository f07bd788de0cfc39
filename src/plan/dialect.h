// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "config/layout.h"

namespace curfew {

/// Whose K links a change of level runs.
enum class StopLinks { kOfNewLevel, kOfOldLevel };

/// How rc tells that a service runs, or is stopped, already. No rc looks at processes.
enum class StateFrom {
  kOldLevel,    ///< the previous level has a link of the same letter
  kBothLevels,  ///< stop: the new level starts it too; start: the previous level has its K link
  kLockFiles    ///< a service with a lock file runs
};

/// When scripts run one at a time, in the order of their links' names. (`concurrency=none` also
/// runs one at a time, but in the order of .depend where the dialect uses these files.)
enum class Serial {
  kNever,
  kWithoutDepend,  ///< unless RUN_PARALLEL=yes and no .depend file of the change is empty
  kAlways
};

/// What rc does with a link to nothing, and with one to a file that is not executable.
enum class Unusable {
  kTried,    ///< warns about the first, runs the second
  kNamed,    ///< warns about both
  kSkipped,  ///< omits both silently
};

/// Where rc finds the new and the previous level; the first that is set counts.
enum class LevelSource {
  kArgument,     ///< the argument, $RUNLEVEL
  kEnvironment,  ///< $RUNLEVEL, the argument
  kUtmp          ///< the argument, utmp, $RUNLEVEL; the previous level: utmp, $PREVLEVEL
};

/// The dialogue that asks before each script.
enum class ConfirmStyle { kNone, kSuse, kRedHat };

/// A script of the administrator that rc runs without a link.
struct HookFile {
  std::string_view path;
  std::vector<std::string_view> levels;  ///< in which it runs
  bool last = false;                     ///< runs after all links of the level, not before them
  bool by_shell = false;                 ///< /bin/sh runs it; else it must be executable
  /// A service that runs the hook itself. If the level has a link of it, the service runs instead.
  std::string_view runner;
};

/// How the rc of one SysV family differs from the others. dialect.cc has one row a family, with its
/// source. Nothing else in `plan` asks for the layout.
struct Dialect {
  Layout layout = Layout::kDebian;

  std::string_view levels;      ///< "/etc/rc": links of level 2 are in "/etc/rc2.d"
  std::string_view init_d;      ///< where the scripts are, and the .depend files
  std::string_view boot_dir;    ///< links of `boot_level` and `halt_level`; empty: as other levels'
  std::string_view boot_level;  ///< starts only, ordered by .depend.boot
  /// The level that scripts of level 0 and 6 change to for the K links of boot_dir; may be empty.
  std::string_view halt_level;
  /// A change from S to another level boots a machine that has not booted. Else it starts this
  /// service; empty: nothing.
  std::string_view after_single;

  LevelSource level_source = LevelSource::kArgument;
  bool same_level_returns = false;  ///< rc does nothing from a level to itself, and from 1 to S

  StopLinks stop_links = StopLinks::kOfNewLevel;
  bool stops_from_none = false;  ///< levels 1 to 5 also stop when there is no previous level
  StateFrom state_from = StateFrom::kOldLevel;
  bool state_always = false;  ///< `state_from` counts also one at a time, and in 0 and 6
  bool two_digits = false;    ///< a link's number has two digits: "S100x" is "0x"
  std::vector<std::string_view> ignored_suffixes;
  Unusable unusable = Unusable::kTried;

  Serial serial = Serial::kNever;
  std::string_view serial_start_levels;  ///< levels whose S links always run one at a time
  bool natural_order = false;            ///< names sort as ls -v does, not as in the C locale
  /// In 0 and 6 S links get `stop`, after the K links and in one pass with them. Otherwise they get
  /// `start`, and `halt` or `reboot` among them ends the machine.
  bool stops_s_links = false;
  bool native_stages = false;  ///< native stages replace Debian's unchanged scripts
  std::vector<HookFile> hooks;
  /// Services that end all processes but those of rc: network file systems go before them.
  std::vector<std::string_view> killers;

  bool names_level = false;  ///< rc's last lines are "Failed services in runlevel 5: a b"
  ConfirmStyle confirm = ConfirmStyle::kNone;
  /// How long rc waits for Enter after a script has failed; never in 0 and 6.
  std::chrono::seconds enter_wait{0};
};

const Dialect& DialectOf(Layout layout);

/// Whether the machine goes down in `level`: 0 and 6.
bool IsFinal(std::string_view level);

/// Whether a server on the network can be reached only while `service` runs. The names are those of
/// all families.
bool IsNetworkCarrier(std::string_view service);

/// Whether `level` is 0 to 9, S, or the dialect's boot or halt level.
bool IsLevel(const Dialect& dialect, std::string_view level);

/// The directory with the links of a level: "/etc/rc0.d".
std::string LevelDirectory(const Dialect& dialect, std::string_view level);

/// Whether a change to `level` runs the K links of the previous level.
bool StopsOldLevel(const Dialect& dialect, std::string_view level);

}  // namespace curfew
