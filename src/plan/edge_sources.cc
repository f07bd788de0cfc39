// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/edge_sources.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "plan/early_unmount.h"

namespace curfew {
namespace {

bool ComesBefore(const Edge& a, const Edge& b) {
  return std::tie(a.after, a.before) < std::tie(b.after, b.before);
}

}  // namespace

EdgeSources::EdgeSources(std::vector<Edge> edges, const std::vector<Member>& members)
    : edges_(std::move(edges)), members_(members) {
  std::stable_sort(edges_.begin(), edges_.end(), ComesBefore);
}

EdgeSource EdgeSources::Of(int before, int after) const {
  const Edge wanted{before, after};
  const auto found = std::lower_bound(edges_.begin(), edges_.end(), wanted, ComesBefore);
  if (found != edges_.end() && !ComesBefore(wanted, *found)) return found->source;
  return RuleOf(members_[before], members_[after]);
}

EdgeSource EdgeSources::RuleOf(const Member& before, const Member& after) const {
  if (IsEarlyUnmount(before) || IsEarlyUnmount(after)) return EdgeSource::kEarlyUnmount;
  if (after.end != End::kNone) return EdgeSource::kEnd;
  if (before.rank < after.rank) {
    return after.rank == Rank::kStopByS ? EdgeSource::kStopByS : EdgeSource::kPower;
  }
  return EdgeSource::kThrough;
}

}  // namespace curfew
