// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "plan/member.h"

namespace curfew {

/// Sets `end` and `position` of each member. `down`: the pass stops services in level 0 or 6; only
/// then a member is an end. An end whose link comes before that of an earlier end gets a position
/// behind the latter: the ends' order is fixed. `names_decide`: link names order the K links as
/// well; otherwise they order an end only if it has an S link. Where they do and are overruled, a
/// line in `warnings` says so. `directory`: of the links.
void PlaceMembers(bool down, bool names_decide, const std::string& directory,
                  std::vector<Member>* members, std::vector<std::string>* warnings);

/// The members in the order in which a serial pass takes them where nothing else orders them: by
/// position, K links first. In level 0 and 6 S links that no end with an S link precedes come
/// before all ends.
std::vector<int> ByPosition(const std::vector<Member>& members);

/// Whether an end has its position by the number of an S link: its own, or that of an earlier end.
bool IsPlacedByS(const Member& end);

/// Whether the positions of two members with S links, and those of the ends, say that `after`
/// comes first.
bool EndsContradict(const std::vector<Member>& members, int before, int after);

}  // namespace curfew
