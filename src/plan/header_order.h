// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "plan/graph.h"
#include "plan/lsb.h"
#include "plan/member.h"

namespace curfew {

/// Strength of an edge. An edge of a .depend file is required, unless the link numbers that insserv
/// wrote with the file contradict it. Those between two ends are the rule, and never dropped.
enum Strength { kByNumber, kShould, kRequired, kRule };

/// Adds the edges of LSB headers that a .depend file leaves out: those with at least one member
/// that is not `in_depend`. `by_number`: a script without header is ordered against all others of
/// its rank by its link number; otherwise it counts as one that needs $remote_fs and $syslog,
/// unless it is an end.
void AddHeaderEdges(Action action, const std::vector<Member>& members, const Facilities& facilities,
                    bool by_number, std::vector<Edge>* edges);

}  // namespace curfew
