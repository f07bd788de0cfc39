// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/escape.h"

#include <cstdint>

namespace curfew {
namespace {

/// Length of the valid, shortest-form UTF-8 sequence at the front of `text`, 0 if there is none.
size_t SequenceLength(std::string_view text, uint32_t* code) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  size_t length = byte(0) < 0x80             ? 1
                  : (byte(0) & 0xE0) == 0xC0 ? 2
                  : (byte(0) & 0xF0) == 0xE0 ? 3
                  : (byte(0) & 0xF8) == 0xF0 ? 4
                                             : 0;
  if (length == 0 || length > text.size()) return 0;
  *code = length == 1 ? byte(0) : byte(0) & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    *code = *code << 6 | (byte(i) & 0x3F);
  }
  static constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (*code < kLeast[length] || *code > 0x10FFFF) return 0;
  return *code >= 0xD800 && *code <= 0xDFFF ? 0 : length;
}

/// Characters that move the cursor, end the line or turn the writing direction.
bool IsControl(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200E && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

}  // namespace

std::string Escaped(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    uint32_t code = 0;
    size_t length = SequenceLength(text, &code);
    if (length != 0 && !IsControl(code) && code != '\\') {
      out.append(text.substr(0, length));
    } else {
      length = length == 0 ? 1 : length;
      for (unsigned char c : text.substr(0, length)) {
        out += {'\\', 'x', kHex[c >> 4], kHex[c & 15]};
      }
    }
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace curfew
