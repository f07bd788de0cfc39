// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/each_in_child.h"

#include <algorithm>
#include <atomic>

#include "final/shared_memory.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// What the child tells: how many calls are done, and the answer of each.
class Board {
 public:
  explicit Board(std::size_t count) : memory_(sizeof(Count) + count * sizeof(int)) {}

  bool Usable() const { return memory_.Bytes() != nullptr; }
  /// New pages are zero, which is this type's first value.
  std::atomic<std::size_t>& Done() { return *reinterpret_cast<Count*>(memory_.Bytes()); }
  int& Answer(std::size_t i) { return reinterpret_cast<int*>(memory_.Bytes() + sizeof(Count))[i]; }

 private:
  using Count = std::atomic<std::size_t>;
  SharedMemory memory_;
};

/// The plain way, where there is no memory to share: a child a call.
std::vector<int> OneChildEach(Kernel& kernel, std::size_t count, milliseconds limit,
                              const std::function<int(std::size_t)>& call,
                              const std::function<void(std::size_t)>& missed) {
  std::vector<int> answers;
  for (std::size_t i = 0; i < count; ++i) {
    auto error =
        kernel.InChild(limit, [&] { return std::error_code(call(i), std::generic_category()); });
    if (error == std::errc::timed_out && missed) missed(i);
    answers.push_back(error.value());
  }
  return answers;
}

}  // namespace

std::vector<int> EachInChild(Kernel& kernel, std::size_t count, milliseconds limit,
                             const std::function<int(std::size_t)>& call,
                             const std::function<void(std::size_t)>& missed) {
  if (count == 0) return {};
  Board board(count);
  if (!board.Usable()) return OneChildEach(kernel, count, limit, call, missed);
  auto& done = board.Done();
  while (done < count) {
    const std::size_t first = done;
    // A child begins no call after a tenth of its limit: each call has at least nine tenths.
    auto error = kernel.InChild(limit, [&] {
      const auto last_start = kernel.Now() + limit / 10;
      do {
        board.Answer(done) = call(done);
        ++done;
      } while (done < count && kernel.Now() < last_start);
      return std::error_code();
    });
    if (!error && done > first) continue;
    if (error && error != std::errc::timed_out && error != std::errc::interrupted) {
      for (std::size_t i = done; i < count; ++i) board.Answer(i) = error.value();
      break;
    }
    // Late, or dead without a word: the call it was in is the one that is missed.
    const std::size_t late = done;
    if (late == count) break;
    board.Answer(late) = ETIMEDOUT;
    if (missed) missed(late);
    done = late + 1;
  }
  std::vector<int> answers(count);
  for (std::size_t i = 0; i < count; ++i) answers[i] = board.Answer(i);
  return answers;
}

}  // namespace curfew
