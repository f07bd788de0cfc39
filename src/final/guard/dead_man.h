// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"
#include "kernel/sysrq.h"

namespace curfew {

/// The dead-man's name. The "@" makes killall5, like the kill stage, skip a process of root.
constexpr char kDeadManName[] = "@curfew-deadman";

/// Starts the dead-man unless it lives or there is no heartbeat page. In a container there is no
/// dead-man: the machine belongs to the host. rc runs this as its first stage.
void DeadManStage(StageContext& context);
/// The same before a stage of the final sequence. FINAL_HARD counts from the first call.
void EnsureDeadMan(StageContext& context);

/// Tells the dead-man that reboot(2) comes: the kernel then has RebootLimit(). Returns when the
/// watchdog is disarmed (halt, power-off) or left armed (restart, kexec), at the latest after 1 s.
void AnnounceReboot(StageContext& context);
/// Tells the dead-man that the kernel refused reboot(2): the stages go on.
void RecallReboot(StageContext& context);

/// What the dead-man does. It ends the machine through sysrq (w, s, u, then b or o) when
/// - the heartbeat stops for FINAL_BUDGET, or longer than the announced limit of a wait;
/// - FINAL_HARD is over since the first stage of the final sequence;
/// - the main process dies in the final sequence. Among the scripts the stub, or the next rc, goes
///   on for FINAL_HARD;
/// - after reboot(2) no driver logs a line for RebootLimit(), or it takes 10 minutes in all: b
///   follows at once, since / is read-only by then.
/// A real-time process that takes all CPUs for kSpinner loses its priority: rc and halt, which have
/// the lowest, get on.
/// Returns when the page says kDone, when the link to the page is removed and no rc runs, or when
/// no key had an effect.
void LiveAsDeadMan(Kernel& kernel, HeartbeatPage& page, const SysrqFiles& files);

}  // namespace curfew
