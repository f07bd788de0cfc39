// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

namespace curfew {

/// `after` begins when `before` has ended. Nodes are numbers from 0.
struct Edge {
  int before = 0;
  int after = 0;
  int strength = 0;  ///< in a cycle the weakest edge gives way
};

/// What BreakCycles removed.
struct BrokenCycles {
  /// Each cycle as the edges of one round; the first is the one that was dropped. Capped: a tree
  /// with hundreds of cycles needs no message for each.
  std::vector<std::vector<Edge>> cycles;
  int more = 0;  ///< edges dropped beyond those
};

/// Drops edges until no cycle is left: of each cycle the weakest edge, of equals the one latest in
/// the list. Linear for a graph without cycles; with any number of cycles O(cap * edges).
BrokenCycles BreakCycles(int nodes, std::vector<Edge>* edges);

/// For each node what it waits for (`before` nodes), from a list of edges; no duplicates.
std::vector<std::vector<int>> Predecessors(int nodes, const std::vector<Edge>& edges);

/// Takes the nodes that are not `kept` out of an acyclic graph: what waited for one of them waits
/// for what that one waited for. Entries of nodes not kept are empty afterwards.
void Contract(const std::vector<bool>& kept, std::vector<std::vector<int>>* after);

/// Which nodes can be reached from `node` along `next` (for each node its neighbours), itself
/// included.
std::vector<bool> Reached(const std::vector<std::vector<int>>& next, int node);

/// Those of the `chosen` nodes that no other of them waits for: who waits for these waits for all.
std::vector<int> LastOf(const std::vector<bool>& chosen,
                        const std::vector<std::vector<int>>& after);

/// The nodes of an acyclic graph in an order in which each comes behind all it waits for; among
/// the ready ones the smallest `key` is first.
std::vector<int> Sequence(const std::vector<std::vector<int>>& after, const std::vector<int>& key);

}  // namespace curfew
