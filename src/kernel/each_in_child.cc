// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <set>

#include "kernel/in_child.h"
#include "kernel/work_queue.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// Children at one time. With that many calls that hang, the others wait for their limit.
constexpr std::size_t kMostWorkers = 64;
/// After this long a call is slow, and a further child makes the other calls.
constexpr milliseconds kSlow{50};
/// How often slow children are checked.
constexpr milliseconds kWorkerCheck{10};
/// How often a slow call is asked for its progress.
constexpr microseconds kProgress = std::chrono::seconds(1);
/// Limit for a child to begin its first call, on a machine full of processes.
constexpr milliseconds kToBegin{1000};

/// The parent's side: forks children while there are calls to make, and gives up late ones.
class Supervisor {
 public:
  Supervisor(Kernel& kernel, const LimitedCalls& calls)
      : kernel_(kernel), calls_(calls), queue_(calls.count, kMostWorkers, calls.resource) {}

  std::vector<std::error_code> Run() {
    if (!queue_.Usable()) return MakeAllHere();
    while (true) {
      if (!refused_ && AllSlow()) Add();
      if (workers_.empty()) break;
      WaitForChild(kernel_, &workers_.front().child, kWorkerCheck);
      std::erase_if(workers_, [&](Worker& worker) { return IsOver(&worker); });
    }
    if (refused_) queue_.Work(0, [this](std::size_t i) { return MakeHere(i, refused_); });
    queue_.Close(ECANCELED);
    std::vector<std::error_code> errors;
    for (std::size_t i = 0; i < calls_.count; ++i) {
      errors.emplace_back(queue_.Error(i), std::generic_category());
      if (errors[i] == std::errc::timed_out) Report(i);
    }
    return errors;
  }

 private:
  struct Worker {
    Child child;
    std::size_t number;
    std::size_t call;       ///< The call it made at the last check.
    microseconds begun;     ///< When it began that call.
    microseconds progress;  ///< When that call last made progress.
    microseconds asked;     ///< When it was last asked for progress.
  };

  /// In this process: the errno of call `i`, or `refused` for a call that needs a child.
  int MakeHere(std::size_t i, int refused) const {
    return calls_.needs_child && calls_.needs_child(i) ? refused : calls_.call(i).value();
  }

  /// Without memory to share no child can answer.
  std::vector<std::error_code> MakeAllHere() const {
    std::vector<std::error_code> errors;
    for (std::size_t i = 0; i < calls_.count; ++i)
      errors.emplace_back(MakeHere(i, ENOMEM), std::generic_category());
    return errors;
  }

  bool AllSlow() {
    const auto slow = std::min<microseconds>(kSlow, calls_.limit / 10);
    return std::all_of(workers_.begin(), workers_.end(), [&](const Worker& worker) {
      return kernel_.Monotonic() - worker.begun >= slow;
    });
  }

  /// Forks one more child, if there is a call for it.
  void Add() {
    std::size_t number = 0;
    while (std::any_of(workers_.begin(), workers_.end(),
                       [&](const Worker& worker) { return worker.number == number; }))
      ++number;
    if (number >= kMostWorkers || queue_.Next() == WorkQueue::kNone) return;
    auto child = StartChild(kernel_, [this, number] {
      queue_.Work(number, [this](std::size_t i) { return calls_.call(i).value(); });
    });
    const auto now = kernel_.Monotonic();
    if (child)
      workers_.push_back({child.value, number, WorkQueue::kNone, now, now, now});
    else if (workers_.empty())
      refused_ = child.error.value();
  }

  bool IsOver(Worker* worker) {
    const auto ended = WaitForChild(kernel_, &worker->child, milliseconds(0));
    if (!ended) return IsLate(worker);
    // A child that dies has not ended its call, or has not begun the next one.
    const auto call = queue_.Current(worker->number);
    if (ended.value != 0 || call != WorkQueue::kNone) GiveUp(*worker, call);
    return true;
  }

  bool IsLate(Worker* worker) {
    const auto now = kernel_.Monotonic();
    const auto call = queue_.Current(worker->number);
    if (call != worker->call) {
      worker->call = call;
      worker->begun = worker->progress = worker->asked = now;
      return false;
    }
    if (call != WorkQueue::kNone && calls_.made_progress && now - worker->asked >= kProgress) {
      worker->asked = now;
      if (calls_.made_progress(call)) worker->progress = now;
    }
    if (now - worker->progress < LimitOf(call)) return false;
    LeaveChild(kernel_, &worker->child);
    GiveUp(*worker, call);
    return true;
  }

  milliseconds LimitOf(std::size_t call) const {
    if (call == WorkQueue::kNone) return std::max(calls_.limit, kToBegin);
    return calls_.limit_of ? calls_.limit_of(call) : calls_.limit;
  }

  /// A child that is late before its first call is late for the next call.
  void GiveUp(const Worker& worker, std::size_t call) {
    if (call == WorkQueue::kNone) call = queue_.Next();
    if (call == WorkQueue::kNone) return;
    queue_.GiveUp(worker.number, call, ETIMEDOUT);
    Report(call);
  }

  void Report(std::size_t call) {
    if (calls_.timed_out && reported_.insert(call).second) calls_.timed_out(call);
  }

  Kernel& kernel_;
  const LimitedCalls& calls_;
  WorkQueue queue_;
  std::vector<Worker> workers_;
  std::set<std::size_t> reported_;
  int refused_ = 0;  ///< The errno of a fork(2) that failed.
};

}  // namespace

std::vector<std::error_code> EachInChild(Kernel& kernel, const LimitedCalls& calls) {
  if (calls.count == 0) return {};
  return Supervisor(kernel, calls).Run();
}

}  // namespace curfew
