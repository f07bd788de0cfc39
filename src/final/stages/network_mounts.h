// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "final/context/stage_context.h"
#include "final/storage/mountinfo.h"

namespace curfew {

/// The mount points that mount(8) noted as `_netdev`.
std::set<std::string> ReadNetdevTargets(Kernel& kernel);

/// Takes off what NetworkMounts() names: flushed, because a forced unmount throws away what a slow
/// server has not got yet; unmounted; then forced; then detached. A server has as long for each as
/// it gets on, and 5 s without; servers do not wait for each other. One that misses its limit is
/// dead, named once, and what is mounted from it is forced off and detached within 1 s.
void UnmountNetwork(StageContext& context);

/// The stage early-unmount-network, while the network is up and services that carry it still run:
/// ends the processes that hold network mounts, then UnmountNetwork(). Says nothing where there are
/// none.
void EarlyUnmountNetworkStage(StageContext& context);

/// Takes mounts that do not answer out of the way: cut off from a FUSE daemon, forced and detached,
/// all within 1 s.
void Detach(StageContext& context, const std::vector<Mount>& mounts);

}  // namespace curfew
