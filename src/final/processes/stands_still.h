// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "kernel/files.h"
#include "kernel/process_info.h"

namespace curfew {

/// Whether no thread of the process can fork or run. A leader that has ended before its threads
/// (Z), which a SIGSTOP does not reach, says nothing of these: they are asked. One that cannot be
/// asked counts as running.
bool StandsStill(Files& files, const ProcessInfo& process);

}  // namespace curfew
