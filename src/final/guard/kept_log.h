// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "trace/trace.h"

namespace curfew {

class Kernel;

/// Writes an event of this shutdown into the kernel's log, at a level that no console shows by
/// default. A serial console, netconsole and pstore get it, and the next boot joins it to the
/// trace (report/pstore.h). Nothing happens where no copy of the trace was begun.
void LogEvent(Kernel& kernel, const JsonLine& event);

/// Tells the kernel to keep its log in pstore when the machine ends, and logs that. Returns what
/// ForgetLog() needs; empty: nothing was changed.
std::string KeepLog(Kernel& kernel);

/// The machine goes on.
void ForgetLog(Kernel& kernel, const std::string& before);

}  // namespace curfew
