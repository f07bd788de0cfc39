// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/graph.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

namespace curfew {
namespace {

constexpr size_t kMostCycles = 32;

/// Walks depth first along the edges. Without recursion, since a chain may be 1,000 scripts long.
class Walk {
 public:
  Walk(int nodes, const std::vector<Edge>& edges, std::vector<bool>* dropped)
      : edges_(edges), dropped_(*dropped), out_(nodes), next_(nodes), color_(nodes, kNew) {
    for (size_t i = 0; i < edges.size(); ++i) out_[edges[i].before].push_back(i);
  }

  /// The indices of the edges of one cycle; empty if there is none.
  std::vector<size_t> FindCycle() {
    std::vector<size_t> cycle;
    Run([&](size_t back) {
      size_t begin = 0;
      while (edges_[path_[begin]].before != edges_[back].after) ++begin;
      cycle.assign(path_.begin() + begin, path_.end());
      return false;
    });
    return cycle;
  }

  /// Drops each edge that closes a cycle. Returns their number.
  int DropBackEdges() {
    int count = 0;
    Run([&](size_t back) {
      dropped_[back] = true;
      return ++count > 0;
    });
    return count;
  }

 private:
  enum Color : char { kNew, kOpen, kDone };

  /// Calls `on_back` for each edge that leads to an open node; that edge is then the last of
  /// path_. `on_back` returns false to stop the walk.
  void Run(const std::function<bool(size_t)>& on_back) {
    if (!edges_.empty() && !Visit(edges_[0].before, on_back)) return;
    for (size_t root = 0; root < out_.size(); ++root) {
      if (color_[root] == kNew && !Visit(root, on_back)) return;
    }
  }

  bool Visit(int root, const std::function<bool(size_t)>& on_back) {
    path_.clear();
    int node = root;
    color_[node] = kOpen;
    for (;;) {
      if (next_[node] == out_[node].size()) {
        color_[node] = kDone;
        if (path_.empty()) return true;
        node = edges_[path_.back()].before;
        path_.pop_back();
        continue;
      }
      const size_t edge = out_[node][next_[node]++];
      const int to = edges_[edge].after;
      if (dropped_[edge] || color_[to] == kDone) continue;
      path_.push_back(edge);
      if (color_[to] == kNew) {
        color_[node = to] = kOpen;
        continue;
      }
      if (!on_back(edge)) return false;
      path_.pop_back();
    }
  }

  const std::vector<Edge>& edges_;
  std::vector<bool>& dropped_;
  std::vector<std::vector<size_t>> out_;
  std::vector<size_t> next_;
  std::vector<Color> color_;
  std::vector<size_t> path_;
};

/// The edges of a cycle, the weakest first. `weakest` becomes its index.
std::vector<Edge> WeakestFirst(const std::vector<Edge>& edges, std::vector<size_t> cycle,
                               size_t* weakest) {
  auto weaker = [&](size_t a, size_t b) {
    return edges[a].strength != edges[b].strength ? edges[a].strength < edges[b].strength : a > b;
  };
  auto first = std::min_element(cycle.begin(), cycle.end(), weaker);
  *weakest = *first;
  std::rotate(cycle.begin(), first, cycle.end());
  std::vector<Edge> round;
  for (size_t edge : cycle) round.push_back(edges[edge]);
  return round;
}

}  // namespace

BrokenCycles BreakCycles(int nodes, std::vector<Edge>* edges) {
  BrokenCycles broken;
  std::vector<bool> dropped(edges->size());
  while (broken.cycles.size() < kMostCycles) {
    std::vector<size_t> cycle = Walk(nodes, *edges, &dropped).FindCycle();
    if (cycle.empty()) break;
    size_t weakest = 0;
    broken.cycles.push_back(WeakestFirst(*edges, std::move(cycle), &weakest));
    dropped[weakest] = true;
  }
  if (broken.cycles.size() == kMostCycles) {
    broken.more = Walk(nodes, *edges, &dropped).DropBackEdges();
  }
  size_t kept = 0;
  for (size_t i = 0; i < edges->size(); ++i) {
    if (!dropped[i]) (*edges)[kept++] = (*edges)[i];
  }
  edges->resize(kept);
  return broken;
}

Predecessors PredecessorsOf(int nodes, const std::vector<Edge>& edges) {
  Predecessors after(nodes);
  for (const Edge& edge : edges) after[edge.after].push_back(edge.before);
  for (std::vector<int>& list : after) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }
  return after;
}

void Contract(const std::vector<bool>& kept, Predecessors* after) {
  std::vector<int> seen(kept.size(), -1);
  for (int node : Sequence(*after, std::vector<int>(kept.size()))) {
    std::vector<int>& list = (*after)[node];
    std::vector<int> wanted;
    auto add = [&](int other) {
      if (std::exchange(seen[other], node) != node) wanted.push_back(other);
    };
    for (int before : list) {
      if (kept[before]) {
        add(before);
      } else {
        for (int other : (*after)[before]) add(other);
      }
    }
    list = std::move(wanted);
  }
  for (size_t node = 0; node < kept.size(); ++node) {
    if (!kept[node]) (*after)[node].clear();
  }
}

std::vector<bool> Reached(const std::vector<std::vector<int>>& next, int node) {
  std::vector<bool> reached(next.size());
  for (std::vector<int> open{node}; !open.empty();) {
    const int at = open.back();
    open.pop_back();
    if (reached[at]) continue;
    reached[at] = true;
    open.insert(open.end(), next[at].begin(), next[at].end());
  }
  return reached;
}

std::vector<int> LastOf(const std::vector<bool>& chosen, const Predecessors& after) {
  std::vector<bool> is_last = chosen;
  for (size_t node = 0; node < chosen.size(); ++node) {
    if (!chosen[node]) continue;
    for (int before : after[node]) is_last[before] = false;
  }
  std::vector<int> last;
  for (size_t node = 0; node < chosen.size(); ++node) {
    if (is_last[node]) last.push_back(node);
  }
  return last;
}

std::vector<int> Sequence(const Predecessors& after, const std::vector<int>& key) {
  const int nodes = after.size();
  std::vector<std::vector<int>> next(nodes);
  std::vector<int> open(nodes);
  for (int node = 0; node < nodes; ++node) {
    open[node] = after[node].size();
    for (int before : after[node]) next[before].push_back(node);
  }
  using Ready = std::pair<int, int>;
  std::priority_queue<Ready, std::vector<Ready>, std::greater<>> ready;
  for (int node = 0; node < nodes; ++node) {
    if (open[node] == 0) ready.push({key[node], node});
  }
  std::vector<int> sequence;
  while (!ready.empty()) {
    const int node = ready.top().second;
    ready.pop();
    sequence.push_back(node);
    for (int other : next[node]) {
      if (--open[other] == 0) ready.push({key[other], other});
    }
  }
  return sequence;
}

std::vector<int> ChainLengths(const Predecessors& after) {
  std::vector<int> lengths(after.size());
  std::vector<int> sequence = Sequence(after, lengths);
  std::reverse(sequence.begin(), sequence.end());
  for (const int node : sequence) {
    for (const int before : after[node]) {
      lengths[before] = std::max(lengths[before], lengths[node] + 1);
    }
  }
  return lengths;
}

}  // namespace curfew
