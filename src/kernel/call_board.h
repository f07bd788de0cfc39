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

/// Who makes which of several calls, in memory that the children who make them share with their
/// parent. What one child has taken no other makes; of the calls on one thing one is made at a
/// time.
class CallBoard {
 public:
  static constexpr std::size_t kNone = ~std::size_t{0};

  /// `on` names what each call uses; empty: each uses a thing of its own. At most `workers`
  /// children take part.
  CallBoard(std::size_t count, std::size_t workers,
            const std::function<std::string(std::size_t)>& on)
      : things_(count), memory_((count * 3 + workers) * sizeof(Cell)), count_(count) {
    std::map<std::string, std::size_t> numbers;
    for (std::size_t i = 0; i < count; ++i)
      things_[i] = on ? numbers.emplace(on(i), numbers.size()).first->second : i;
  }

  bool Usable() const { return memory_.Bytes() != nullptr; }
  int Answer(std::size_t i) { return At(count_ + i); }

  /// In a child: makes all calls that are left and on nothing that another one is busy with.
  void Work(std::size_t worker, const std::function<int(std::size_t)>& call) {
    while (MakeRound(worker, call)) {
    }
  }
  /// The call that `worker` is in, or kNone.
  std::size_t Current(std::size_t worker) {
    return static_cast<std::size_t>(At(3 * count_ + worker)) - 1;
  }
  /// The first call that a further child could make; kNone: there is none.
  std::size_t Next() {
    for (std::size_t i = 0; i < count_; ++i)
      if (At(i) == kWaiting && Thing(i) == kFree) return i;
    return kNone;
  }
  /// Puts down `error` for a call in which `worker` was given up; its thing is not used again.
  void GiveUp(std::size_t worker, std::size_t i, int error) {
    At(count_ + i) = error;
    At(i) = kDone;
    Thing(i) = kDead;
    At(3 * count_ + worker) = 0;
  }
  /// Puts down `error` for each call that nobody has made.
  void Close(int error) {
    for (std::size_t i = 0; i < count_; ++i)
      if (At(i) != kDone) At(count_ + i) = error;
  }

 private:
  /// New pages are zero, which is the first of each.
  enum CallState { kWaiting, kDone };
  enum ThingState { kFree, kBusy, kDead };
  using Cell = std::atomic<int>;

  Cell& At(std::size_t cell) { return reinterpret_cast<Cell*>(memory_.Bytes())[cell]; }
  Cell& Thing(std::size_t i) { return At(2 * count_ + things_[i]); }

  bool MakeRound(std::size_t worker, const std::function<int(std::size_t)>& call) {
    bool made = false;
    // What was busy once in this round is left for the next: the order of its calls would be lost.
    std::vector<bool> passed(count_);
    for (std::size_t i = 0; i < count_; ++i) {
      int free = kFree;
      if (At(i) != kWaiting || passed[things_[i]]) continue;
      if (!Thing(i).compare_exchange_strong(free, kBusy)) {
        passed[things_[i]] = true;
        continue;
      }
      if (At(i) == kWaiting) {
        Make(worker, i, call);
        made = true;
      }
      int busy = kBusy;
      Thing(i).compare_exchange_strong(busy, At(count_ + i) == ETIMEDOUT ? kDead : kFree);
    }
    return made;
  }
  void Make(std::size_t worker, std::size_t i, const std::function<int(std::size_t)>& call) {
    Cell& current = At(3 * count_ + worker);
    current = static_cast<int>(i) + 1;
    At(count_ + i) = call(i);
    At(i) = kDone;
    current = 0;
  }

  std::vector<std::size_t> things_;
  SharedMemory memory_;
  std::size_t count_;
};

}  // namespace curfew
