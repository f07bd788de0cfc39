// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace curfew {

/// HALT_SOUND: what the speaker plays before the end.
enum class Sound { kNone, kBeep, kQuint, kOctave };

/// HWCLOCK: the time the hardware clock keeps, if it is said.
enum class TimeBase { kAdjtime, kUtc, kLocal };

/// Every key that steers Curfew, with its default; the table in settings.cc says which file and
/// which name each comes from (curfew(5)). Values are already checked: a bad one became a warning
/// and the default.
struct Settings {
  std::string halt = "poweroff";  ///< HALT, or "halt"; INIT_HALT goes before it.
  bool net_down = true;           ///< NETDOWN: only the exact word "no" turns it off (I/halt:30).
  bool halt_disks = true;         ///< HALT_DISKS: drives are put into standby at the end.
  Sound halt_sound = Sound::kQuint;           ///< HALT_SOUND
  std::vector<std::string> powerdown_insert;  ///< HALT_POWERDOWN_INSERT: a command, its words.
  bool kexec = false;                         ///< KEXEC: restart through a kernel that is loaded.
  bool verbose = false;                       ///< VERBOSE, /etc/default/rcS, handed to the scripts.
  bool utc = true;  ///< UTC, /etc/default/rcS: used where /etc/adjtime says nothing.
  TimeBase rtc_time = TimeBase::kAdjtime;  ///< HWCLOCK: counts over /etc/adjtime.
  bool use_hwclock = true;                 ///< USE_HWCLOCK
  bool systohc = true;                     ///< SYSTOHC: the hardware clock is set at the end.
  std::string rtc = "rtc0";                ///< HCTOSYS_DEVICE, /etc/default/hwclock: below /dev.
  int jobs = 0;                            ///< JOBS: scripts at one time; 0 is "auto".
  std::chrono::seconds limit{90};          ///< LIMIT
  std::chrono::seconds kill_wait{5};       ///< KILL_WAIT: from TERM to KILL.
  bool serial = false;                     ///< concurrency=none on the kernel command line.
  bool native_all = true;           ///< NATIVE unset: every stock script with a native stage.
  std::vector<std::string> native;  ///< NATIVE=...: only these services, when !native_all.
};

/// One file of settings, as it was read.
struct SettingsFile {
  std::string path;  ///< Below the root; warnings name it.
  std::string text;
};

/// Reads the files of `root` that the design's section 8 names for Debian, and the kernel command
/// line, in the order in which they count. One that cannot be read adds a line to `warnings`.
std::vector<SettingsFile> ReadSettingsFiles(const std::string& root,
                                            std::vector<std::string>* warnings);

/// What the files say. Reads nothing, save the environment. Never fails: each bad line or value
/// adds one "FILE:LINE: what; what happens now" to `warnings`. HALT=auto stays "auto".
Settings ParseSettings(const std::vector<SettingsFile>& files, std::vector<std::string>* warnings);

/// Both, and HALT=auto decided by what `root` says of power management.
Settings LoadSettings(const std::string& root, std::vector<std::string>* warnings);

}  // namespace curfew
