// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "plan/graph.h"
#include "plan/member.h"

namespace curfew {

/// Tells of an order that is complete which file or rule each of its edges comes from.
class EdgeSources {
 public:
  /// `edges` are those that files, headers and numbers gave; of two for the same members the first
  /// counts. What the order has beyond them comes from a rule.
  EdgeSources(std::vector<Edge> edges, const std::vector<Member>& members);

  EdgeSource Of(int before, int after) const;

 private:
  EdgeSource RuleOf(const Member& before, const Member& after) const;

  std::vector<Edge> edges_;
  const std::vector<Member>& members_;
};

}  // namespace curfew
