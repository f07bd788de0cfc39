// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "final/context/stage_context.h"
#include "final/context/stage_id.h"

namespace curfew {

/// The command line of halt, reboot and poweroff (halt(8)), word for word: what it means together
/// with the runlevel is decided in halt.cc.
struct Options {
  std::string program;  ///< "halt", "reboot" or "poweroff": the name it was called by.
  Ending ending = Ending::kHalt;
  bool no_sync = false;          ///< -n
  bool record_only = false;      ///< -w
  bool no_record = false;        ///< -d
  bool force = false;            ///< -f
  bool interfaces_down = false;  ///< -i
  bool standby = false;          ///< -h
  bool fast = false;
  bool now = false;
  bool dry_run = false;
  bool help = false;
  bool version = false;
  std::string delay;             ///< -t, handed to shutdown(8) as it is.
  std::string restart_argument;  ///< -m
  std::vector<StageId> stages;   ///< --stage
  int spare_fd = -1;
  int vitals_fd = -1;
};

/// The name in `argv0` without directory and without the '-' of a login shell; anything but reboot
/// and poweroff is halt.
std::string ProgramName(const std::string& argv0);

/// Reads the command line. False: it is wrong, `error` says how, and nothing may be done.
bool ParseOptions(int argc, const char* const* argv, Options* options, std::string* error);

/// The text of --help.
std::string Usage(const std::string& program);

}  // namespace curfew
