// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "plan/graph.h"
#include "plan/member.h"
#include "plan/tree.h"

namespace curfew {

/// The native stage that unmounts network file systems while their servers can still be reached.
inline constexpr char kEarlyUnmount[] = "early-unmount-network";

/// The services of a pass of stops that carry the network: those known by name, those that provide
/// $network by their header or by insserv.conf, and those that say that they stop after it; where
/// this machine mounts what it serves itself, also those that serve.
std::set<std::string> NetworkCarriers(const Tree& tree, const std::vector<Member>& members);

/// Adds the stage to the members of a pass of stops, and its edges to `after`, which must be
/// acyclic. The stage comes before each of the `carriers` and before the `killers`, which end all
/// processes. It comes behind all members that wait for none of these: by then no service uses the
/// file systems. No edge is removed. Adds nothing if the pass stops no carrier, unless `mounted`: a
/// file system of the network is, and processes without a script may carry it.
void AddEarlyUnmount(const std::vector<std::string_view>& killers,
                     const std::set<std::string>& carriers, bool mounted,
                     std::vector<Member>* members, Predecessors* after);

/// Whether `member` is the one that AddEarlyUnmount added.
bool IsEarlyUnmount(const Member& member);

}  // namespace curfew
