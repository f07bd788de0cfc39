// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>

#include "final/stage.h"

namespace curfew {

/// The mount points that mount(8) noted as `_netdev`.
std::set<std::string> ReadNetdevTargets(Kernel& kernel);

/// Takes off what NetworkMounts() names: flush, forced unmount, detach, each at most 5 s. The
/// flush comes first because MNT_FORCE throws away what a server that is only slow has not got yet.
/// After a flush that was late the server counts as dead and is not asked again.
void UnmountNetwork(StageContext& context);

}  // namespace curfew
