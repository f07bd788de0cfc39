// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

namespace curfew {

/// Makes keys of the bytes a terminal sends: an arrow or function key is ESC [ C or ESC O S, and
/// must not pass for the letter it ends in.
class KeyReader {
 public:
  /// Any key that is no single ASCII character.
  static constexpr char kOther = '\x1b';

  /// The key that `byte` completes, if it does. ESC itself is no key: what follows it decides.
  std::optional<char> Feed(char byte);

 private:
  enum class State { kPlain, kEscape, kSequence };
  State state_ = State::kPlain;
};

}  // namespace curfew
