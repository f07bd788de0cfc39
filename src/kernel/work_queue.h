// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <cerrno>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "kernel/shared_memory.h"

namespace curfew {

/// Calls that are to be made, in memory that a parent shares with the children that make them. One
/// child makes each call; of the calls on one resource one is made at a time.
class WorkQueue {
 public:
  static constexpr std::size_t kNone = ~std::size_t{0};

  /// `resource` names what each call uses; empty: each call has a resource of its own. At most
  /// `workers` children take part.
  WorkQueue(std::size_t count, std::size_t workers,
            const std::function<std::string(std::size_t)>& resource)
      : resource_of_(count), cells_(count * 3 + workers), count_(count) {
    std::map<std::string, std::size_t> numbers;
    for (std::size_t i = 0; i < count; ++i)
      resource_of_[i] = resource ? numbers.emplace(resource(i), numbers.size()).first->second : i;
  }

  /// False where there is no memory to share.
  bool Usable() const { return static_cast<bool>(cells_); }
  /// The errno that call `i` ended with.
  int Error(std::size_t i) const { return ErrorOf(i); }

  /// In a child: makes every call that waits and whose resource no other child uses.
  void Work(std::size_t worker, const std::function<int(std::size_t)>& call) {
    while (MakeRound(worker, call)) {
    }
  }
  /// The call that `worker` makes at this moment, or kNone.
  std::size_t Current(std::size_t worker) const {
    return static_cast<std::size_t>(CurrentOf(worker)) - 1;
  }
  /// The first call that a further child could make, or kNone.
  std::size_t Next() const {
    for (std::size_t i = 0; i < count_; ++i)
      if (StateOf(i) == kWaiting && ResourceOf(i) == kFree) return i;
    return kNone;
  }
  /// `worker` does not return from call `i`, which ends with `error`; its resource is not used
  /// again.
  void GiveUp(std::size_t worker, std::size_t i, int error) {
    ErrorOf(i) = error;
    StateOf(i) = kDone;
    ResourceOf(i) = kDead;
    CurrentOf(worker) = 0;
  }
  /// Every call that was not made ends with `error`.
  void Close(int error) {
    for (std::size_t i = 0; i < count_; ++i)
      if (StateOf(i) != kDone) ErrorOf(i) = error;
  }

 private:
  /// New memory is zero, the first of each.
  enum CallState { kWaiting, kDone };
  enum ResourceState { kFree, kBusy, kDead };
  using Cell = std::atomic<int>;

  Cell& StateOf(std::size_t i) const { return cells_[i]; }
  Cell& ErrorOf(std::size_t i) const { return cells_[count_ + i]; }
  Cell& ResourceOf(std::size_t i) const { return cells_[2 * count_ + resource_of_[i]]; }
  Cell& CurrentOf(std::size_t worker) const { return cells_[3 * count_ + worker]; }

  bool MakeRound(std::size_t worker, const std::function<int(std::size_t)>& call) {
    bool made = false;
    // A resource that was busy once in this round is left for the next round, to keep the order of
    // its calls.
    std::vector<bool> passed(count_);
    for (std::size_t i = 0; i < count_; ++i) {
      int free = kFree;
      if (StateOf(i) != kWaiting || passed[resource_of_[i]]) continue;
      if (!ResourceOf(i).compare_exchange_strong(free, kBusy)) {
        passed[resource_of_[i]] = true;
        continue;
      }
      if (StateOf(i) == kWaiting) {
        Make(worker, i, call);
        made = true;
      }
      int busy = kBusy;
      ResourceOf(i).compare_exchange_strong(busy, ErrorOf(i) == ETIMEDOUT ? kDead : kFree);
    }
    return made;
  }
  void Make(std::size_t worker, std::size_t i, const std::function<int(std::size_t)>& call) {
    CurrentOf(worker) = static_cast<int>(i) + 1;
    ErrorOf(i) = call(i);
    StateOf(i) = kDone;
    CurrentOf(worker) = 0;
  }

  std::vector<std::size_t> resource_of_;
  SharedArray<Cell> cells_;
  std::size_t count_;
};

}  // namespace curfew
