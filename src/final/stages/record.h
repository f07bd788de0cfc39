// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <string>

#include "final/context/stage_context.h"

namespace curfew {

/// The bytes of the wtmp record that says "shutdown" to last(1): type RUN_LVL, line and id "~~",
/// user "shutdown", host the kernel's release (utmp.c of sysvinit 3.06).
std::string ShutdownRecord(std::chrono::microseconds wall_clock, const std::string& release);

/// Appends the record to /var/log/wtmp. A wtmp that is missing means that no records are wanted: it
/// is never created. utmp is left as init wrote it. In level 0 and 6 the trace is kept, too
/// (KeepTrace).
void RecordStage(StageContext& context);

}  // namespace curfew
