// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"
#include "final/context/stage_id.h"

namespace curfew {

/// Runs one stage. Does nothing in a container that the stage must not run in, nor when the stage
/// runs once in a shutdown and has run in this one.
void RunStage(StageContext& context, StageId id);

/// The final sequence without reboot(2), for a script that makes this call itself. Where `finished`
/// says that it has run already, only what makes disks safe runs again: the script may have written
/// to a disk. ups-monitor is called then: the script did not end the machine.
void RunUntilPower(StageContext& context);

/// The final sequence (shutdown-sequence(7)): all its stages in order, but those that have been
/// done. Returns only if the kernel refused to end.
void RunSequence(StageContext& context);

/// `halt -f` outside level 0 and 6, in the order of sysvinit's halt.c: record, sync, flush,
/// interfaces, drives, power. No process is killed and nothing is unmounted. Returns only if the
/// kernel refused to end.
void RunForced(StageContext& context);

}  // namespace curfew
