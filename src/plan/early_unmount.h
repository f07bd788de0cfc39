// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "plan/plan.h"

namespace curfew {

/// Puts the stage that unmounts network file systems into a pass of stops, before the first service
/// that carries the network, and behind all that wait for none of these: the file systems go while
/// their servers can still be reached, and nobody uses them any more. `killers` end all processes,
/// and also come later. Edges are added, none is taken away. Nothing is done where the pass stops
/// no carrier.
void AddEarlyUnmount(const std::vector<std::string_view>& killers, Pass* pass);

}  // namespace curfew
