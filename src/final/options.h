// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "final/context/stage_context.h"
#include "final/context/stage_id.h"

namespace curfew {

/// The command line of halt, reboot and poweroff (halt(8)), word for word. ChooseMode() decides
/// what it means in a runlevel.
struct Options {
  std::string program;  ///< The name it was called by: "halt", "reboot" or "poweroff".
  Ending ending = Ending::kHalt;
  bool no_sync = false;          ///< -n
  bool record_only = false;      ///< -w
  bool no_record = false;        ///< -d
  bool force = false;            ///< -f
  bool interfaces_down = false;  ///< -i
  bool standby = false;          ///< -h
  bool fast = false;
  bool until_power = false;
  bool now = false;
  bool dry_run = false;
  bool help = false;
  bool version = false;
  std::string delay;             ///< -t, for shutdown(8).
  std::string restart_argument;  ///< -m
  std::vector<StageId> stages;   ///< --stage
  int spare_fd = -1;             ///< FinalRequest::groups_file, as an open descriptor.
  int heartbeat_fd = -1;         ///< The page for the dead-man, from rc.
};

/// The name in `argv0` without its directory and without the '-' of a login shell. Any name but
/// reboot and poweroff means halt.
std::string ProgramName(const std::string& argv0);

/// Reads the command line. Returns false if it is wrong; `error` then says why.
bool ParseOptions(int argc, const char* const* argv, Options* options, std::string* error);

/// The text of --help.
std::string Usage(const std::string& program);

}  // namespace curfew
