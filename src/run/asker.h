// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace curfew {

struct Question {
  std::string text;   ///< ends where the answer is typed
  bool line = false;  ///< the answer is a line with Enter; else one key
  /// After this time there is no answer; none: the question waits for ever.
  std::optional<std::chrono::seconds> limit;
};

/// Whoever can put a question to the person at the console, one at a time. The runner knows no
/// terminal: it asks here.
class Asker {
 public:
  /// What was typed, without blanks around it; empty for Enter alone, after the limit, at the end
  /// of the input and where there is nobody to ask.
  using OnReply = std::function<void(const std::string& reply)>;

  virtual ~Asker() = default;
  virtual bool CanAsk() const = 0;
  /// Calls `on_reply` once, from the loop, never before it returns; never if the asker goes first.
  virtual void Ask(const Question& question, OnReply on_reply) = 0;
  /// Whole lines for the person who is being asked.
  virtual void Show(std::string_view text) = 0;
};

}  // namespace curfew
