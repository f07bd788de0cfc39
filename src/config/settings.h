// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/layout.h"

namespace curfew {

/// HALT_SOUND: what the speaker plays before the end.
enum class Sound { kNone, kBeep, kQuint, kOctave };

/// HWCLOCK: the time that the hardware clock keeps; kAdjtime: as /etc/adjtime says.
enum class TimeBase { kAdjtime, kUtc, kLocal };

/// How long one stop script may take; 0: not set.
struct StopLimits {
  std::chrono::seconds limit{0};       ///< LIMIT: without progress
  std::chrono::seconds limit_hard{0};  ///< LIMIT_HARD: in all
};

/// Every setting of Curfew, with its default. The table in settings.cc says which file and which
/// key each comes from (curfew(5)). Values are checked: a bad one has become a warning and the
/// default.
struct Settings {
  Layout layout = Layout::kDebian;   ///< LAYOUT, or what the tree looks like
  std::string halt = "poweroff";     ///< HALT, or "halt"; INIT_HALT overrides it
  bool net_down = true;              ///< NETDOWN: only the word "no" turns it off; HALT_NETWORK
  bool halt_disks = true;            ///< HALT_DISKS: drives are put into standby at the end
  Sound halt_sound = Sound::kQuint;  ///< HALT_SOUND
  std::vector<std::string> powerdown_insert;  ///< HALT_POWERDOWN_INSERT: the words of a command
  bool kexec = false;                         ///< KEXEC: restart through a loaded kernel
  bool verbose = false;                       ///< VERBOSE, /etc/default/rcS, passed to the scripts
  bool quiet = false;                         ///< `quiet`, kernel command line: Quiet
  bool utc = true;                            ///< UTC: used if /etc/adjtime does not say it
  TimeBase rtc_time = TimeBase::kAdjtime;     ///< HWCLOCK: overrides /etc/adjtime
  bool use_hwclock = true;                    ///< USE_HWCLOCK
  bool systohc = true;                        ///< SYSTOHC: set the hardware clock at the end
  bool force_systohc = false;                 ///< FORCE_SYSTOHC=yes: overrides SYSTOHC=no
  /// FORCE_SYSTOHC=no, and SUSE without that key: the clock is left alone while the kernel keeps
  /// it.
  bool leave_kept_clock = false;
  std::string rtc = "rtc0";  ///< HCTOSYS_DEVICE, /etc/default/hwclock: below /dev
  int jobs = 0;              ///< JOBS: scripts at one time; 0 is "auto"
  /// LIMIT, LIMIT_HARD, curfew.limit=
  StopLimits limits{std::chrono::seconds(90), std::chrono::seconds(600)};
  /// The same for single services (SERVICES). Use LimitsOf.
  std::map<std::string, StopLimits> service_limits;
  std::set<std::string> never_stop;  ///< STOP="no" below SERVICES: their scripts do not stop them
  /// KILL="no" below SERVICES: the kill stage spares their daemons until the last halt.
  std::set<std::string> never_kill;
  /// STOP_BUDGET, curfew.budget=: for all scripts of level 0 and 6; at most doubled by progress.
  std::chrono::seconds stop_budget{900};
  std::chrono::seconds final_budget{60};    ///< FINAL_BUDGET: final stages, without progress
  std::chrono::seconds final_hard{1800};    ///< FINAL_HARD: final stages, in all
  bool slack = true;                        ///< SLACK: RunOptions::uses_slack
  bool keys = true;                         ///< KEYS: Ctrl-C at the console skips a script
  bool watchdog = false;                    ///< WATCHDOG: arm the hardware's for the end
  bool pstore = true;                       ///< PSTORE: keep the kernel's log of an unclean end
  std::chrono::seconds kill_wait{10};       ///< KILL_WAIT: from TERM to KILL
  bool serial = false;                      ///< concurrency=none on the kernel command line
  bool run_parallel = true;                 ///< RUN_PARALLEL: if the dialect leaves the choice
  bool confirm = false;                     ///< `confirm` on the kernel command line
  bool prompt_for_confirm = false;          ///< PROMPT_FOR_CONFIRM: ask whether to confirm
  std::chrono::seconds confirm_timeout{5};  ///< CONFIRM_PROMPT_TIMEOUT
  std::vector<std::string> skip;            ///< curfew.skip=: services that do not run
  std::string trace;                        ///< curfew.trace=: the service that `sh -x` runs
  bool native_all = true;           ///< NATIVE is not set: native stages replace all stock scripts
  std::vector<std::string> native;  ///< NATIVE: else they replace only these services
};

/// The limits for the stop of `service`.
StopLimits LimitsOf(const Settings& settings, const std::string& service);

/// One file of settings, as it was read.
struct SettingsFile {
  std::string path;  ///< below the root; warnings name it
  std::string text;
};

/// The files of a system in the order in which they count, and its layout.
struct SettingsFiles {
  Layout layout = Layout::kDebian;
  std::vector<SettingsFile> files;
};

/// Reads the files of one family, never of two, and the kernel command line. Debian's files are
/// /etc/default/{rcS,halt,hwclock,curfew,curfew.d}; the other families have
/// /etc/sysconfig/{boot,shutdown,clock,curfew,curfew.d}. The tree decides which; LAYOUT= in a
/// curfew file of that family selects another. A file that cannot be read adds a line to
/// `warnings`.
SettingsFiles ReadSettingsFiles(const std::string& root, std::vector<std::string>* warnings);

/// The defaults of `found.layout`, changed by the files. Reads nothing but the environment. Never
/// fails: each bad line or value adds one "FILE:LINE: what; what happens now" to `warnings`.
/// HALT=auto stays "auto".
Settings ParseSettings(const SettingsFiles& found, std::vector<std::string>* warnings);

/// Reads and parses the settings of `root`. HALT=auto becomes what its power management can do.
Settings LoadSettings(const std::string& root, std::vector<std::string>* warnings);

}  // namespace curfew
