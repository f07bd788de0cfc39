// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "final/context/stage_context.h"
#include "final/storage/mountinfo.h"

/// The mounts that the stages had done with when the hooks began. Where a hook leaves a disk
/// writable some stages run again. They leave alone what is settled: it is as safe as it can be, or
/// does not answer, and people have been told.
namespace curfew {

/// Settles each of `mounts`.
void Settle(StageContext& context, const std::vector<Mount>& mounts);

/// Whether the mount is settled. One that is read-only by then and writable now is not.
bool IsSettled(const StageContext& context, const Mount& mount);

}  // namespace curfew
