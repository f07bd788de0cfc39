// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/escape.h"

#include "text/text.h"

namespace curfew {

bool IsControl(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200E && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

std::string Escaped(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    char32_t code = 0;
    size_t length = Utf8Length(text, &code);
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
