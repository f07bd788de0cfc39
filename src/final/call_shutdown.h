// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "final/options.h"
#include "kernel/kernel.h"
#include "kernel/process_info.h"

namespace curfew {

/// The arguments of shutdown(8) 3.06 for what was asked, "now" last.
std::vector<std::string> ShutdownArguments(const Options& options);

/// Has shutdown(8) ask init, in the place of this process. Returns only where none can be run: 1,
/// after a line that says so. A process beside it does WatchShutdown().
int ExecShutdown(Kernel& kernel, const Options& options);

/// Before it asks init, shutdown(8) calls sync(2), which waits for ever for a disk that does not
/// answer. Once `shutdown` has been in state D for limits::kShutdownSync, asks init in its place,
/// and says so on the descriptor `out`. Returns then, or when it has ended. What the disks have yet
/// to write the shutdown writes.
void WatchShutdown(Kernel& kernel, const ProcessInfo& shutdown, const Options& options, int out);

}  // namespace curfew
