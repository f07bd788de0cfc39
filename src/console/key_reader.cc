// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/key_reader.h"

namespace curfew {

std::optional<char> KeyReader::Feed(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  if (state_ == State::kEscape && (byte == '[' || byte == 'O')) {
    state_ = State::kSequence;
    return std::nullopt;
  }
  if (state_ == State::kSequence) {
    // Parameters are below '@'. The F keys of Linux consoles are ESC [ [ and a letter.
    if (code >= 0x20 && (code < '@' || byte == '[')) return std::nullopt;
    state_ = State::kPlain;
    return kOther;
  }
  state_ = byte == 0x1b ? State::kEscape : State::kPlain;
  // A UTF-8 character counts once, with its first byte.
  if (state_ == State::kEscape || (code & 0xc0) == 0x80) return std::nullopt;
  return code < 0x80 ? byte : kOther;
}

}  // namespace curfew
