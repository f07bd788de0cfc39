// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace curfew {

/// Every key that steers Curfew, with its default; the table in settings.cc says which file and
/// which name each comes from (curfew(5)). Values are already checked: a bad one became a warning
/// and the default.
struct Settings {
  std::string halt = "poweroff";  ///< HALT, /etc/default/halt: what level 0 does without INIT_HALT.
  bool net_down = true;           ///< NETDOWN: only the exact word "no" turns it off (I/halt:30).
  bool halt_disks = true;         ///< HALT_DISKS: drives flushed and put into standby at power-off.
  bool kexec = false;             ///< KEXEC: restart through a kernel that is loaded.
  bool verbose = false;           ///< VERBOSE, /etc/default/rcS, handed to the scripts.
  bool utc = true;                ///< UTC, /etc/default/rcS: used where /etc/adjtime says nothing.
  int jobs = 0;                   ///< JOBS: scripts at one time; 0 is "auto".
  std::chrono::seconds limit{90};     ///< LIMIT
  std::chrono::seconds kill_wait{5};  ///< KILL_WAIT: from TERM to KILL.
  bool serial = false;                ///< concurrency=none on the kernel command line.
  bool native_all = true;             ///< NATIVE unset: every stock script with a native stage.
  std::vector<std::string> native;    ///< NATIVE=...: only these services, when !native_all.
};

/// Reads the files of `root` that the design's section 8 names for Debian, and the kernel command
/// line. Never fails: each bad line or value adds one "FILE:LINE: what; what happens now" to
/// `warnings`.
Settings LoadSettings(const std::string& root, std::vector<std::string>* warnings);

}  // namespace curfew
