// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// Whether a kernel waits for kexec, as far as the kernel tells: one without sysfs is asked by
/// trying.
bool KexecLoaded(Kernel& kernel);

/// The end: reboot(2), in the order of sysvinit 3.06 (halt.c), each ending with its fall-back:
/// kexec and a restart with argument become a restart, power-off becomes a halt. What
/// still works beside the stages is waited for. Returns only when the kernel refused; PID 1 then
/// runs again.
void PowerStage(StageContext& context);

}  // namespace curfew
