// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "plan/dependency.h"

namespace curfew {

/// `after` begins when `before` has ended. Nodes are numbers from 0.
struct Edge {
  int before = 0;
  int after = 0;
  int strength = 0;  ///< the weakest edge of a cycle is dropped
  EdgeSource source = EdgeSource::kDepend;
};

/// For each node the nodes that it waits for.
using Predecessors = std::vector<std::vector<int>>;

/// What BreakCycles removed.
struct BrokenCycles {
  /// Each cycle as its edges in order; the first is the one that was dropped. At most 32: a tree
  /// with hundreds of cycles needs no message for each.
  std::vector<std::vector<Edge>> cycles;
  int more = 0;  ///< edges dropped beyond those
};

/// Drops edges until no cycle is left: of each cycle the weakest edge, among equals the last in
/// the list. A chain of the strongest edges at the head of the list is kept. Linear for a graph
/// without cycles; O(cap * edges) with any number of cycles.
BrokenCycles BreakCycles(int nodes, std::vector<Edge>* edges);

/// The predecessors of each node, sorted and without duplicates.
Predecessors PredecessorsOf(int nodes, const std::vector<Edge>& edges);

/// Takes the nodes that are not `kept` out of an acyclic graph: a node that waited for one of them
/// then waits for its predecessors. Entries of nodes not kept are empty afterwards.
void Contract(const std::vector<bool>& kept, Predecessors* after);

/// Which nodes can be reached from `node` along `next` (for each node its neighbours), `node`
/// included.
std::vector<bool> Reached(const std::vector<std::vector<int>>& next, int node);

/// The `chosen` nodes that no other chosen node waits for: a node that waits for these waits for
/// all chosen ones.
std::vector<int> LastOf(const std::vector<bool>& chosen, const Predecessors& after);

/// The nodes of an acyclic graph in an order in which each comes behind all its predecessors; among
/// the ready nodes the one with the smallest `key` is first.
std::vector<int> Sequence(const Predecessors& after, const std::vector<int>& key);

/// For each node of an acyclic graph the length of the longest chain of nodes that wait for it.
std::vector<int> ChainLengths(const Predecessors& after);

}  // namespace curfew
