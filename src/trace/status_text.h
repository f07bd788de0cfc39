// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "kernel/kernel.h"
#include "trace/progress.h"

namespace curfew {

/// What a change of level waits for, for people, as `curfew status` prints it: each script that
/// runs, for how long, the processes it waits for with their state and the kernel function they
/// sleep in (proc(5): wchan), and the last line it wrote. `now_us` is CLOCK_BOOTTIME.
std::string StatusText(const Progress& progress, Kernel& kernel, long long now_us);

}  // namespace curfew
