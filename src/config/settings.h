// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "config/layout.h"

namespace curfew {

/// HALT_SOUND: what the speaker plays before the end.
enum class Sound { kNone, kBeep, kQuint, kOctave };

/// HWCLOCK: the time the hardware clock keeps, if it is said.
enum class TimeBase { kAdjtime, kUtc, kLocal };

/// How long one stop script may take.
struct ServiceLimit {
  std::chrono::seconds quiet{0};  ///< LIMIT: without progress.
  std::chrono::seconds hard{0};   ///< LIMIT_HARD: in all.
};

/// Every key that steers Curfew, with its default; the table in settings.cc says which file and
/// which name each comes from (curfew(5)). Values are already checked: a bad one became a warning
/// and the default.
struct Settings {
  Layout layout = Layout::kDebian;   ///< LAYOUT, or what the tree looks like.
  std::string halt = "poweroff";     ///< HALT, or "halt"; INIT_HALT goes before it.
  bool net_down = true;              ///< NETDOWN: only the word "no" turns it off. HALT_NETWORK.
  bool halt_disks = true;            ///< HALT_DISKS: drives are put into standby at the end.
  Sound halt_sound = Sound::kQuint;  ///< HALT_SOUND
  std::vector<std::string> powerdown_insert;  ///< HALT_POWERDOWN_INSERT: a command, its words.
  bool kexec = false;                         ///< KEXEC: restart through a kernel that is loaded.
  bool verbose = false;                       ///< VERBOSE, /etc/default/rcS, handed to the scripts.
  bool utc = true;                            ///< UTC: used where /etc/adjtime says nothing.
  TimeBase rtc_time = TimeBase::kAdjtime;     ///< HWCLOCK: counts over /etc/adjtime.
  bool use_hwclock = true;                    ///< USE_HWCLOCK
  bool systohc = true;                        ///< SYSTOHC: the hardware clock is set at the end.
  bool force_systohc = false;                 ///< FORCE_SYSTOHC: then also if SYSTOHC says no.
  std::string rtc = "rtc0";                   ///< HCTOSYS_DEVICE, /etc/default/hwclock: below /dev.
  int jobs = 0;                               ///< JOBS: scripts at one time; 0 is "auto".
  /// LIMIT, LIMIT_HARD, curfew.limit=
  ServiceLimit limit{std::chrono::seconds(90), std::chrono::seconds(600)};
  /// The same for single services (SERVICES), 0 where nothing is said: use LimitOf.
  std::map<std::string, ServiceLimit> service_limits;
  /// STOP_BUDGET, curfew.budget=: for the scripts of level 0 and 6; progress doubles it.
  std::chrono::seconds stop_budget{900};
  std::chrono::seconds final_budget{60};  ///< FINAL_BUDGET: the final stages, without progress.
  std::chrono::seconds final_hard{1800};  ///< FINAL_HARD: all of them, progress or none.
  bool keys = true;                       ///< KEYS: Ctrl-C at the console skips what is waited for.
  bool watchdog = false;                  ///< WATCHDOG: the hardware's is armed for the end.
  std::chrono::seconds kill_wait{5};      ///< KILL_WAIT: from TERM to KILL.
  bool serial = false;                    ///< concurrency=none on the kernel command line.
  bool run_parallel = true;               ///< RUN_PARALLEL: where the dialect leaves the choice.
  bool confirm = false;                   ///< `confirm` on the kernel command line.
  bool prompt_for_confirm = false;        ///< PROMPT_FOR_CONFIRM: ask whether to ask.
  std::chrono::seconds confirm_timeout{5};  ///< CONFIRM_PROMPT_TIMEOUT
  std::vector<std::string> skip;            ///< curfew.skip=: services that do not run.
  std::string trace;                        ///< curfew.trace=: the service that `sh -x` runs.
  bool native_all = true;           ///< NATIVE unset: every stock script with a native stage.
  std::vector<std::string> native;  ///< NATIVE=...: only these services, when !native_all.
};

/// What counts for the stop of `service`.
ServiceLimit LimitOf(const Settings& settings, const std::string& service);

/// One file of settings, as it was read.
struct SettingsFile {
  std::string path;  ///< Below the root; warnings name it.
  std::string text;
};

/// The files of a system, in the order in which they count, and what it is laid out as.
struct SettingsFiles {
  Layout layout = Layout::kDebian;
  std::vector<SettingsFile> files;
};

/// Reads the files of one family, never of both, and the kernel command line: on Debian
/// /etc/default/{rcS,halt,hwclock,curfew,curfew.d}, elsewhere
/// /etc/sysconfig/{boot,shutdown,clock,curfew,curfew.d}. Which, the tree says; LAYOUT= in a curfew
/// file of that family turns to another. One that cannot be read adds a line to `warnings`.
SettingsFiles ReadSettingsFiles(const std::string& root, std::vector<std::string>* warnings);

/// The defaults of `found.layout`, and what the files say. Reads nothing, save the environment.
/// Never fails: each bad line or value adds one "FILE:LINE: what; what happens now" to `warnings`.
/// HALT=auto stays "auto".
Settings ParseSettings(const SettingsFiles& found, std::vector<std::string>* warnings);

/// Both, and HALT=auto decided by what `root` says of power management.
Settings LoadSettings(const std::string& root, std::vector<std::string>* warnings);

}  // namespace curfew
