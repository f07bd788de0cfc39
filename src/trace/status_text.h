// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "kernel/kernel.h"
#include "trace/run_state.h"

namespace curfew {

/// What `curfew status` prints: for each running script how long it has run, its last line of
/// output, and the processes that it waits for, each with its state and the kernel function in
/// which it sleeps (proc(5): wchan). `now_us` is CLOCK_BOOTTIME.
std::string StatusText(const RunState& state, Files& files, long long now_us);

/// The same as one JSON object, in one line; curfew(8) has its keys.
std::string StatusJson(const RunState& state, long long now_us);

}  // namespace curfew
