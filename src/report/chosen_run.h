// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "report/kept_runs.h"

namespace curfew {

/// Which run a command is about.
struct RunChoice {
  std::string root;  ///< as config/rooted.h has it
  RunKind kind = RunKind::kShutdowns;
  std::string number;  ///< as typed: 1 is the last; empty: the last
};

/// The run that was chosen, or the reason why there is none.
struct ChosenRun {
  std::string problem;                ///< one line for people; empty: all is well
  std::vector<std::string> warnings;  ///< what the trace lacks, a line each
  std::vector<RunSource> all;         ///< the oldest first
  std::size_t index = 0;              ///< in `all`
  LoadedRun loaded;

  const RunSource& source() const { return all[index]; }
};

ChosenRun ChooseRun(const RunChoice& choice);

}  // namespace curfew
