// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "plan/plan.h"

namespace curfew {

/// Which scripts of one pass may begin. Bookkeeping only: it starts nothing and waits for nothing.
class Schedule {
 public:
  /// Nothing is to be done in a schedule without a pass.
  Schedule() = default;
  explicit Schedule(const std::vector<Script>& scripts);

  bool done() const { return unfinished_ == 0; }
  bool HasReady() const { return !ready_.empty(); }
  /// The most important of those that may begin; the one that is first in the plan among equals.
  size_t Next() const { return ready_.begin()->second; }
  /// Takes Next() off.
  void Begin() { ready_.erase(ready_.begin()); }
  /// Nobody waits for it any more: what waited for it alone may begin.
  void Finish(size_t index);
  /// The scripts that wait for it.
  const std::vector<size_t>& WaitFor(size_t index) const { return nodes_[index].next; }

 private:
  struct Node {
    int importance = 0;
    size_t open = 0;           ///< scripts it still waits for
    std::vector<size_t> next;  ///< scripts that wait for it
  };

  void Add(size_t index) { ready_.insert({-nodes_[index].importance, index}); }

  std::vector<Node> nodes_;
  std::set<std::pair<int, size_t>> ready_;
  size_t unfinished_ = 0;
};

}  // namespace curfew
