// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"
#include "kernel/sysrq.h"

namespace curfew {

/// The dead-man's name, by which storage daemons of root ask to be spared.
constexpr char kDeadManName[] = "@curfew-deadman";

/// Sees to it that the dead-man of this shutdown lives, where there are heartbeat. In a container
/// there is none: the machine is not ours. As a stage it is the first thing that rc runs.
void DeadManStage(StageContext& context);
/// The same before each of the last stages, which have begun with this.
void EnsureDeadMan(StageContext& context);

/// Before reboot(2). The dead-man gives the kernel 10 s from now; a watchdog is disarmed first
/// where the machine stays off, and left armed for a restart.
void AnnounceReboot(StageContext& context);
/// reboot(2) was refused: what comes next counts as a stage again.
void RecallReboot(StageContext& context);

/// The dead-man's life. It ends the machine by the kernel's own hand (sysrq w, s, u, then b or o)
/// - when no tick comes for FINAL_BUDGET, or for as long as a wait that was announced may take;
/// - FINAL_HARD after the first stage began;
/// - when the main process dies, but among the scripts, where the stub goes on without it;
/// - 10 s after reboot(2) was called: then at once, file systems are read-only by now.
/// Returns when told to stand down, or when nothing is left to try.
void LiveAsDeadMan(Kernel& kernel, HeartbeatPage& page, const Instruments& instruments);

}  // namespace curfew
