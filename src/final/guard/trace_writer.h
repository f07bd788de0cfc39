// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// Starts the trace writer unless it lives. It is a process of its own: rc and the stages never
/// wait for the disk of /var/log. Each second it calls UpdateKeptTrace(). It has no file open
/// between two calls, so that it keeps no file system busy. Does nothing without a heartbeat page,
/// and after -n.
void TraceStage(StageContext& context);

/// Brings the copy up to date where no trace writer does, as in a container; else the error of its
/// last try. For the stage record. Uses the disk of /var/log where it writes itself.
std::error_code WriteKeptTrace(StageContext& context);

/// Ends the trace writer, and brings the copy up to date: from here on nothing of ours writes to
/// /var/log. Of what does not answer for 1 s the copy stays as it is. The stage unmount calls it
/// where /var/log lies on a file system that it unmounts (`before_unmount`), read-only in any case.
void CloseKeptTrace(StageContext& context, bool before_unmount);

}  // namespace curfew
