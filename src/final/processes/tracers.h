// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include "final/processes/process_names.h"
#include "final/processes/skip_list.h"

namespace curfew {

/// Ends the processes that trace PID 1, this process, its ancestors or the dead-man, as
/// `strace -f -p 1` does: stopped by the kill stage they would let none of these go on. Each gets
/// TERM, at which strace lets go, and KILL after limits::kTracer. Those that `rule` skips stay.
/// Returns the processes that it ended; a line names each.
ProcessNames EndTracers(StageContext& context, SkipRule& rule, pid_t dead_man);

}  // namespace curfew
