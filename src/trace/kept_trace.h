// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <string_view>
#include <system_error>

#include "kernel/kernel.h"

namespace curfew {

/// Where copies of the last traces are kept, each as NUMBER-DATE-TIME-LEVEL.jsonl, and its kernel
/// stacks beside it as NUMBER-DATE-TIME-LEVEL.stacks. The number counts up: a clock that was set
/// back neither reorders nor removes one.
constexpr char kKeptTraces[] = "/var/log/curfew";

/// The name of a process that copies a trace to the disk. The "@" makes killall5, like the kill
/// stage, skip a process of root.
constexpr char kTraceWriterName[] = "@curfew-trace";

/// The level of the run that the trace in memory began with: '0' to '6', 'S'. '\0': it is no
/// trace.
char LevelOfTrace(std::string_view trace);

/// Appends to this run's copy what the trace in memory (Trace::kPath) has more, and fsyncs it. The
/// first call begins the copy, and removes the oldest of its kind so that ten shutdowns and ten
/// boots or other changes of level stay. A copy is always the
/// beginning of its trace, whichever process wrote last. `wall_clock` and `level` name a new copy.
/// No trace is no error. Uses the disk, and may hang with it.
std::error_code UpdateKeptTrace(Files& files, std::chrono::microseconds wall_clock, char level);

/// Starts a process that does the same once, for a boot or another change of level that does not
/// end the machine. rc does not wait for it.
std::error_code StartKeepingTrace(Kernel& kernel);

/// What precedes, in the kernel's log, the events that came after the copy `path` had been closed:
/// "curfew 000012: ". Empty: the path is no copy's.
std::string KernelLogMark(std::string_view path);

}  // namespace curfew
