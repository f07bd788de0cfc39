// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// -i: takes down each interface of the caller's network namespace that is up, save the loopback,
/// with or without an address. Never while something
/// mounted, or a disk, comes over the network.
void InterfacesStage(StageContext& context);

}  // namespace curfew
