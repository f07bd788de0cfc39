// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "kernel/kernel.h"

namespace curfew {

/// Raises limits of /proc/sys that rc and halt need on the way down, where they are too low. In a
/// container they are the host's and stay.
/// - kernel.sched_rt_runtime_us (sched(7)) becomes the usual 95 %: with less, the stages' real-time
///   priority leaves them that share even of an idle CPU; without a limit a real-time process that
///   spins leaves nothing to scripts.
/// - fs.epoll.max_user_watches becomes 1,048,576: rc needs some for each script.
void RaiseKernelLimits(Kernel& kernel);

}  // namespace curfew
