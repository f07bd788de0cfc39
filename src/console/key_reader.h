// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

namespace curfew {

/// Turns the bytes that a terminal sends into keys. An arrow or function key is ESC [ C or ESC O S,
/// and must not be taken for the letter at its end.
class KeyReader {
 public:
  /// Stands for every key that is not one ASCII character.
  static constexpr char kOther = '\x1b';

  /// The key that `byte` completes, if any. ESC itself is no key: it may begin a sequence.
  std::optional<char> Feed(char byte);

 private:
  enum class State { kPlain, kEscape, kSequence };
  State state_ = State::kPlain;
};

}  // namespace curfew
