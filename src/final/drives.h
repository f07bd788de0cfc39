// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/stage.h"

namespace curfew {

/// Empties the write cache of each ATA drive (and each removable disk) that the kernel does not
/// park itself, and with -h puts it into standby. Others (NVMe, virtio, drives under the kernel's
/// own management) are not touched: a second command would spin a parked drive up again.
void DrivesStage(StageContext& context);

}  // namespace curfew
