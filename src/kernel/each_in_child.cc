// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/each_in_child.h"

#include <algorithm>
#include <set>

#include "kernel/call_board.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// Children at one time: what hangs beyond that waits its turn.
constexpr std::size_t kMostWorkers = 64;
/// After this long a call is taken for slow, and a further child goes on.
constexpr milliseconds kSlow{50};
/// Between two looks at children of which one is slow.
constexpr milliseconds kTick{10};
/// How often a slow call is asked whether it gets on.
constexpr microseconds kAsk = std::chrono::seconds(1);
/// What a child has to begin its first call, on a machine full of processes.
constexpr milliseconds kToBegin{1000};

/// The parent's side: starts children while calls can be made, and gives up those that are late.
class Supervisor {
 public:
  Supervisor(Kernel& kernel, const LimitedCalls& calls)
      : kernel_(kernel), calls_(calls), board_(calls.count, kMostWorkers, calls.on) {}

  std::vector<int> Run() {
    if (!board_.Usable()) return OneChildEach();
    while (true) {
      if (!refused_ && AllSlow()) Add();
      if (workers_.empty()) break;
      kernel_.Answered(workers_.front().child, kTick);
      std::erase_if(workers_, [&](Worker& worker) { return IsOver(&worker); });
    }
    board_.Close(refused_ ? refused_ : ECANCELED);
    std::vector<int> answers(calls_.count);
    for (std::size_t i = 0; i < calls_.count; ++i) {
      answers[i] = board_.Answer(i);
      if (answers[i] == ETIMEDOUT) Tell(i);
    }
    return answers;
  }

 private:
  struct Worker {
    int child;
    std::size_t number;
    std::size_t call;     ///< The one it was in when it was last looked at.
    microseconds begun;   ///< Since when it is in that call.
    microseconds got_on;  ///< When that call last got on.
    microseconds asked;
  };

  bool AllSlow() {
    const auto slow = std::min<microseconds>(kSlow, calls_.limit / 10);
    return std::all_of(workers_.begin(), workers_.end(),
                       [&](const Worker& worker) { return kernel_.Now() - worker.begun >= slow; });
  }

  /// One more child, if there is something for it to do.
  void Add() {
    std::size_t number = 0;
    while (std::any_of(workers_.begin(), workers_.end(),
                       [&](const Worker& worker) { return worker.number == number; }))
      ++number;
    if (number >= kMostWorkers || board_.Next() == CallBoard::kNone) return;
    auto child = kernel_.Start([this, number] {
      board_.Work(number, calls_.call);
      return std::error_code();
    });
    const auto now = kernel_.Now();
    if (child)
      workers_.push_back({child.value, number, CallBoard::kNone, now, now, now});
    else if (workers_.empty())
      refused_ = child.error.value();
  }

  bool IsOver(Worker* worker) {
    if (!kernel_.Answered(worker->child, milliseconds(0))) return IsLate(worker);
    const auto error = kernel_.Await(worker->child, milliseconds(0));
    const auto call = board_.Current(worker->number);
    // Dead without a word: the call it was in is the one that is missed.
    if (error == std::errc::interrupted || call != CallBoard::kNone)
      Miss(*worker, call);
    else if (error)
      refused_ = error.value();
    return true;
  }

  bool IsLate(Worker* worker) {
    const auto now = kernel_.Now();
    const auto call = board_.Current(worker->number);
    if (call != worker->call) {
      worker->call = call;
      worker->begun = worker->got_on = worker->asked = now;
      return false;
    }
    if (call != CallBoard::kNone && calls_.got_on && now - worker->asked >= kAsk) {
      worker->asked = now;
      if (calls_.got_on(call)) worker->got_on = now;
    }
    const auto limit = call == CallBoard::kNone ? std::max(calls_.limit, kToBegin) : calls_.limit;
    if (now - worker->got_on < limit) return false;
    kernel_.Await(worker->child, milliseconds(0));
    Miss(*worker, call);
    return true;
  }

  /// A child that is late before its first call is late for the next one.
  void Miss(const Worker& worker, std::size_t call) {
    if (call == CallBoard::kNone) call = board_.Next();
    if (call == CallBoard::kNone) return;
    board_.GiveUp(worker.number, call, ETIMEDOUT);
    Tell(call);
  }

  void Tell(std::size_t call) {
    if (calls_.missed && told_.insert(call).second) calls_.missed(call);
  }

  /// The plain way, where there is no memory to share: a child a call.
  std::vector<int> OneChildEach() {
    std::vector<int> answers;
    for (std::size_t i = 0; i < calls_.count; ++i) {
      auto error = kernel_.InChild(
          calls_.limit, [&] { return std::error_code(calls_.call(i), std::generic_category()); });
      answers.push_back(error.value());
      if (error == std::errc::timed_out) Tell(i);
    }
    return answers;
  }

  Kernel& kernel_;
  const LimitedCalls& calls_;
  CallBoard board_;
  std::vector<Worker> workers_;
  std::set<std::size_t> told_;
  int refused_ = 0;  ///< Why there is no child.
};

}  // namespace

std::vector<int> EachInChild(Kernel& kernel, const LimitedCalls& calls) {
  if (calls.count == 0) return {};
  return Supervisor(kernel, calls).Run();
}

std::vector<int> EachInChild(Kernel& kernel, std::size_t count, milliseconds limit,
                             const std::function<int(std::size_t)>& call,
                             const std::function<void(std::size_t)>& missed) {
  return EachInChild(kernel, {.count = count, .limit = limit, .call = call, .missed = missed});
}

}  // namespace curfew
