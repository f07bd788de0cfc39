// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "plan/graph.h"
#include "plan/member.h"

namespace curfew {

/// The native stage that unmounts network file systems while their servers can still be reached.
inline constexpr char kEarlyUnmount[] = "early-unmount-network";

/// Adds the stage to the members of a pass of stops, and its edges to `after`, which must be
/// acyclic. The stage comes before each network carrier and before the `killers`, which end all
/// processes. It comes behind all members that wait for none of these: by then no service uses the
/// file systems. No edge is removed. Adds nothing if the pass stops no carrier.
void AddEarlyUnmount(const std::vector<std::string_view>& killers, std::vector<Member>* members,
                     Predecessors* after);

/// Whether `member` is the one that AddEarlyUnmount added.
bool IsEarlyUnmount(const Member& member);

}  // namespace curfew
