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

/// What says that a service needs no start or stop.
enum class Compare {
  kLinks,    ///< the level left has a link of the same letter
  kRunning,  ///< stop: the new level starts it, too; start: the level left has its K link
  kLocks     ///< a lock file stands for a service that runs
};

/// When scripts run one at a time, strictly in the order of their links' names. (`concurrency=none`
/// also gives one at a time, but keeps the order of .depend where the dialect goes by that.)
enum class Serial {
  kNever,
  kWithoutDepend,  ///< unless RUN_PARALLEL=yes and no .depend file of the change is empty
  kAlways
};

/// What becomes of a link to nothing, or to a file that is not executable.
enum class Unusable {
  kTried,    ///< the one is left out with a warning, the other tried
  kNamed,    ///< both are left out with a warning
  kSkipped,  ///< both are left out
};

/// Which of its sources says where a change of level goes, and from where.
enum class LevelSource {
  kArgument,     ///< the argument, then $RUNLEVEL
  kEnvironment,  ///< $RUNLEVEL, then the argument
  kUtmp          ///< the argument, then utmp, then $RUNLEVEL; the level left first from utmp
};

/// How a person is asked about each script.
enum class ConfirmStyle { kNone, kSuse, kRedHat };

/// A script of the administrator's beside the links.
struct HookFile {
  std::string_view path;
  std::vector<std::string_view> levels;  ///< where it runs
  bool last = false;                     ///< after all links of the level, not before them
  bool by_shell = false;                 ///< /bin/sh runs it; else it must be executable
  /// The service that runs the hook by itself where it is linked; it then takes the hook's place.
  std::string_view runner;
};

/// In what one SysV family's rc differs from the others': data, one row a family (the rows, with
/// the sources, are in dialect.cc). Nothing else in `plan` asks for the layout.
struct Dialect {
  Layout layout = Layout::kDebian;

  std::string_view levels;      ///< "/etc/rc": links of level 2 are in "/etc/rc2.d"
  std::string_view init_d;      ///< where the scripts are, and the .depend files
  std::string_view boot_dir;    ///< links of `boot_level` and `halt_level`, if not as any level's
  std::string_view boot_level;  ///< starts only, ordered by .depend.boot
  std::string_view halt_level;  ///< what level 0 and 6 call for the K links of boot_dir; or empty
  /// Entering a level from S is a boot if the machine has not booted; else starts this service.
  std::string_view after_single;

  LevelSource level_source = LevelSource::kArgument;
  bool same_level_returns = false;  ///< from N to N, and from 1 to S, nothing is done

  StopLinks stop_links = StopLinks::kOfNewLevel;
  bool stops_from_none = false;  ///< levels 1 to 5 also stop when no level is left
  Compare compare = Compare::kLinks;
  bool compares_always = false;  ///< also one at a time, and in 0 and 6
  bool two_digits = false;       ///< a link's number has two digits: "S100x" is "0x"
  std::vector<std::string_view> ignored_suffixes;
  Unusable unusable = Unusable::kTried;

  Serial serial = Serial::kNever;
  std::string_view serial_starts;  ///< levels whose S links are always Serial
  bool natural_order = false;      ///< names in the order of ls -v, not of the C locale
  /// In 0 and 6 S links get `stop`, after the K links and in one pass with them. Else they get
  /// `start`, and `halt` or `reboot` among them ends the machine.
  bool stops_s_links = false;
  bool native_stages = false;  ///< Debian's own scripts, by checksum
  std::vector<HookFile> hooks;
  /// Services that end every process outside their own session, by killall5: they run in rc's, and
  /// alone, or they would end rc and all that it runs.
  std::vector<std::string_view> killers;

  bool names_level = false;  ///< the closing lines: "Failed services in runlevel 5: a b"
  ConfirmStyle confirm = ConfirmStyle::kNone;
  /// How long a failed script waits for somebody to press Enter; never in 0 and 6.
  std::chrono::seconds enter_wait{0};
};

const Dialect& DialectOf(Layout layout);

/// 0 and 6: the machine goes down.
bool IsFinal(std::string_view level);

/// Whether `service` is one without which a server on the network cannot be reached, in any family.
bool CarriesNetwork(std::string_view service);

/// 0 to 9 and S; and the dialect's boot and halt level.
bool IsLevel(const Dialect& dialect, std::string_view level);

/// Where the links of a level are: "/etc/rc0.d".
std::string LevelDirectory(const Dialect& dialect, std::string_view level);

/// Whether a change to `level` runs the K links of the level that is left.
bool StopsOldLevel(const Dialect& dialect, std::string_view level);

}  // namespace curfew
