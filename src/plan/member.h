// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/input.h"
#include "plan/lsb.h"

namespace curfew {

/// Groups of members that follow each other, whatever edges say: in level 0 and 6 the stops of S
/// links come after those of all K links, and the services that end the machine come last.
enum class Rank { kService, kStopByS, kKexec, kPower };

/// The services that end processes and file systems, in the order in which level 0 and 6 run them,
/// whatever files, headers and link names say. An earlier end would take from a later one, or from
/// a service that has yet to stop, what it still needs.
enum class End {
  kNone,
  kKill,
  kRecord,  ///< it unmounts network file systems as well
  kUnmount,
  kReadOnly
};

/// A link of the level in the ordering of one pass. Its index in the list of members is its node
/// in the graph.
struct Member {
  const Link* link = nullptr;
  Rank rank = Rank::kService;
  /// False: the service is stopped or started already. The member then only orders the others.
  bool will_run = true;

  /// False: a script without a link in the level, which only orders the others by its header.
  bool has_link = true;

  // MakeOrder sets what follows.
  End end = End::kNone;
  std::int64_t position = 0;  ///< rank and link number as one number to compare (plan/ends.h)
  bool in_depend = false;     ///< the .depend file of the pass names the service
  Header header = {};         ///< read only if `in_depend` is false for some member
  bool interactive = false;   ///< its script needs the console for itself
  int importance = 0;         ///< the highest of those that may start is listed first
  std::vector<Dependency> after = {};  ///< members that run and must end before this one begins

  const std::string& service() const { return link->service; }
};

/// The links that belong to the pass of `source`: K before S, in C-locale or natural order. A link
/// that will not run is added to plan->omitted, one that should have run also to plan->warnings.
std::vector<Member> FindMembers(const PlanInput& input, const PassSource& source, Plan* plan);

}  // namespace curfew
