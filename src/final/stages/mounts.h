// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// Unmounts what lives on the network while there is one, as Debian's umountnfs.sh does, down to
/// the .clean marks it removes: EarlyUnmountNetworkStage() for what came since or remained.
void UnmountNetworkStage(StageContext& context);

/// Unmounts all but / and /usr, /proc, /sys, /dev and /run with what is below them, and whatever
/// was mounted before the last root (Debian's umountfs). Local superblocks are made read-only
/// first, then go tmpfs, swap that pins a file system, the mounts in reverse order, and loop
/// devices, until nothing changes. Devices do not wait for each other, and one has as long as it
/// gets on; after 10 s without it is dead. In a container only its own mounts are touched.
void UnmountStage(StageContext& context);

/// Unmounts what FUSE daemons serve, so that they end; whether there was anything.
bool UnmountFuse(StageContext& context);

}  // namespace curfew
