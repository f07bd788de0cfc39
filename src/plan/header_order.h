// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/graph.h"
#include "plan/lsb.h"
#include "plan/plan.h"

namespace curfew {

/// How firmly an edge is meant. An edge of a .depend file is required, unless the link numbers
/// that insserv wrote with it say the opposite.
enum Strength { kByNumber, kShould, kRequired };

/// One script as the headers see it. The index in the list is the node of its edges.
struct HeaderNode {
  std::string service;
  Header header;
  int64_t position = 0;  ///< rank and link number in one
  bool listed = false;   ///< its .depend file orders it
};

/// Edges of LSB headers, for what a .depend file does not order: those with at least one script
/// that is not `listed`. `by_number`: a script without header is ordered against all others by
/// its link number; otherwise it counts as one that needs $remote_fs and $syslog.
void AddHeaderEdges(Action action, const std::vector<HeaderNode>& nodes,
                    const Facilities& facilities, bool by_number, std::vector<Edge>* edges);

}  // namespace curfew
