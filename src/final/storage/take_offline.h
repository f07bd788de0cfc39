// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// In the last halt: has the kernel give up disks that are known dead, so that its own flush at
/// reboot(2) (sd_shutdown() in Linux drivers/scsi/sd.c) fails at once. Without that it may take
/// longer than the dead-man allows, which then restarts a machine that was to be switched off; the
/// disks behind it are not stopped.
///
/// Each SCSI disk (also ATA, USB, SAS, FC, iSCSI) below a dead device gets one more flush with its
/// long limit. One that does not answer that either is taken offline and named. Other kinds of
/// disk are left alone: the kernel waits for none of nbd and NVMe over fabrics, and bounds its wait
/// for NVMe on PCI itself.
///
/// Left online and named are: what carries /, /usr or swap, because an error there may end PID 1,
/// which panics the kernel; a disk below a file system that panics on errors; a path of a
/// multipath; and a member of a RAID that has data to write. After -n nothing is flushed, and all
/// stay online.
void TakeDeadOffline(StageContext& context);

}  // namespace curfew
