// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "kernel/child.h"
#include "kernel/shared_memory.h"

namespace curfew {

/// What a call in a child answers: std::error_code for a function that returns that, Result<T> for
/// one that returns T or Result<T>.
template <typename Returned>
struct ChildAnswer {
  using Type = Result<Returned>;
};
template <typename T>
struct ChildAnswer<Result<T>> {
  using Type = Result<T>;
};
template <>
struct ChildAnswer<std::error_code> {
  using Type = std::error_code;
};

template <typename Call, typename... Arguments>
using AnswerOf = typename ChildAnswer<std::invoke_result_t<Call, Arguments...>>::Type;

/// A call that a child makes, from its start to Finish(). Its answer comes back in shared memory.
template <typename Answer>
class ChildCall {
  static_assert(std::is_trivially_copyable_v<Answer>);

 public:
  template <typename Call>
  ChildCall(Kernel& kernel, Call call) : slot_(std::make_shared<SharedArray<Slot>>(1)) {
    if (!*slot_) return;
    child_ = StartChild(kernel, [&] {
      (*slot_)[0].answer = Answer(call());
      (*slot_)[0].answered = true;
    });
  }
  /// Why there is no child, of fork(2) or for want of memory; clear if there is one.
  std::error_code Refused() const { return child_.error; }
  /// Waits for the answer; errc::timed_out after `limit`, and the child is killed and left;
  /// errc::interrupted if it died.
  Answer Finish(Kernel& kernel, std::chrono::milliseconds limit) {
    if (!child_) return child_.error;
    const auto status = WaitForChild(kernel, &child_.value, limit);
    LeaveChild(kernel, &child_.value);
    if ((*slot_)[0].answered) return (*slot_)[0].answer;
    return status ? std::make_error_code(std::errc::interrupted) : status.error;
  }

 private:
  struct Slot {
    Answer answer;
    std::atomic<bool> answered;
  };
  std::shared_ptr<SharedArray<Slot>> slot_;
  Result<Child> child_ = std::make_error_code(std::errc::not_enough_memory);
};

/// Makes a call that may sleep in the kernel for ever, in a child. Errors beside those of `call`
/// are those of ChildCall. Where no child can be had this process makes the call: a file system
/// that is not unmounted is a certain loss, one that does not answer is unlikely, and the dead-man
/// bounds that wait.
template <typename Call>
AnswerOf<Call> InChild(Kernel& kernel, std::chrono::milliseconds limit, Call call) {
  ChildCall<AnswerOf<Call>> child(kernel, call);
  return child.Refused() ? AnswerOf<Call>(call()) : child.Finish(kernel, limit);
}

/// The same for strings; errc::file_too_large if they have more than 256 KiB in all.
Result<std::vector<std::string>> StringsFromChild(
    Kernel& kernel, std::chrono::milliseconds limit,
    const std::function<std::vector<std::string>()>& call);

/// Calls that may each sleep in the kernel for ever.
struct LimitedCalls {
  std::size_t count = 0;
  /// Limit of one call. If `made_progress` is set: limit of its time without progress.
  std::chrono::milliseconds limit{0};
  /// The same for call `i` alone, where calls differ; asked for while the call is slow.
  std::function<std::chrono::milliseconds(std::size_t)> limit_of = {};
  /// Makes call `i`, in a child. errc::timed_out as an answer counts as a missed limit: the other
  /// side does not answer.
  std::function<std::error_code(std::size_t)> call;
  /// The device or server that call `i` uses. Calls on one resource are made one at a time, in
  /// order, and none after one that timed out. Empty: each call has a resource of its own.
  std::function<std::string(std::size_t)> resource = {};
  /// Is called in the parent with the number of each call that timed out, once.
  std::function<void(std::size_t)> timed_out = {};
  /// Whether call `i` has made progress since the last time; called in the parent, each second.
  std::function<bool(std::size_t)> made_progress = {};
  /// Whether call `i` is left out where no child can be had, because it is likely to hang. Empty:
  /// none is.
  std::function<bool(std::size_t)> needs_child = {};
};

/// Makes the calls in order, in one child: a fork for each of 5,000 mounts would cost more than the
/// mounts. A slow call keeps its child, and another child makes the calls on other resources: all
/// calls that hang cost one limit together.
///
/// Returns the error of each call: errc::timed_out for those that missed the limit,
/// errc::operation_canceled for those after them on the same resource. Where no child can be had
/// this process makes the calls that are left, as InChild() does; a call that needs a child gets
/// the error of fork(2).
std::vector<std::error_code> EachInChild(Kernel& kernel, const LimitedCalls& calls);

/// The same for calls that answer with a value: `call(i)` returns T or Result<T>, EachInChild a
/// std::vector<Result<T>>. Each call uses a resource of its own.
template <typename Call>
auto EachInChild(Kernel& kernel, std::size_t count, std::chrono::milliseconds limit, Call call,
                 const std::function<bool(std::size_t)>& needs_child = {}) {
  using Answer = AnswerOf<Call, std::size_t>;
  static_assert(std::is_trivially_copyable_v<Answer>);
  const SharedArray<Answer> shared(count);
  std::vector<Answer> answers(count, std::make_error_code(std::errc::not_enough_memory));
  if (!shared) {
    for (std::size_t i = 0; i < count; ++i)
      if (!needs_child || !needs_child(i)) answers[i] = Answer(call(i));
    return answers;
  }
  const auto make = [&](std::size_t i) {
    shared[i] = Answer(call(i));
    return std::error_code();
  };
  const auto errors = EachInChild(
      kernel, {.count = count, .limit = limit, .call = make, .needs_child = needs_child});
  for (std::size_t i = 0; i < count; ++i) answers[i] = errors[i] ? Answer(errors[i]) : shared[i];
  return answers;
}

}  // namespace curfew
