// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernel/result.h"
#include "report/recorded_run.h"

namespace curfew {

/// Boots are all that ends in no level 0 or 6: also a change from 2 to 3.
enum class RunKind { kShutdowns, kBoots };

/// Where the trace of one run is.
struct RunSource {
  std::string path;
  unsigned long number = 0;           ///< that its name begins with; 0: in memory alone
  std::optional<long long> named_us;  ///< CLOCK_REALTIME, by its name
  bool in_memory = false;             ///< the trace below /run
};

/// The runs of `kind` below `root`, the oldest first, in the order of their numbers: clocks may be
/// wrong. The trace in memory is the last of them while its change of level goes on, or where no
/// other is kept; it then stands for its copy on the disk.
Result<std::vector<RunSource>> ListRuns(const std::string& root, RunKind kind);

/// A run and the text that it was read from.
struct LoadedRun {
  TraceText trace;
  RecordedRun run;
};

/// Reads one. A trace from before wall clocks were noted has that of its name.
Result<LoadedRun> LoadRun(const RunSource& source, EventKinds kinds = EventKinds::kAll);

}  // namespace curfew
