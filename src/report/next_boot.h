// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/kernel.h"
#include "report/recorded_run.h"

namespace curfew {

/// What a boot has written that may tell how the shutdown before it ended.
struct BootLogs {
  std::string kernel;               ///< its messages since the boot
  std::vector<std::string> checks;  ///< of file system checks
};

/// A reason for each file system that was in use when the machine ended, as those messages tell:
/// "vda1: journal replayed".
std::vector<std::string> SignsOfUse(const BootLogs& logs);

/// What the boot that wrote `logs` finds of the end of `run`.
NextBoot JudgeLastEnd(const RecordedRun& run, const BootLogs& logs);

/// What `curfew next-boot` has to say.
struct NextBootAnswer {
  std::string line;     ///< for the console; empty: no shutdown is left to judge
  std::string problem;  ///< that hindered it; empty: none
};

/// Judges the last kept shutdown below `root`, unless a boot has, and writes "next-boot" into its
/// trace.
NextBootAnswer TellNextBoot(Kernel& kernel, const std::string& root);

/// Writes how long services took in the last ten kept shutdowns to /run/curfew/usual.
std::error_code WriteUsual(Kernel& kernel, const std::string& root);

}  // namespace curfew
