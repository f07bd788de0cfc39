// SPDX-License-Identifier: GPL-2.0-or-later
#include "text/encoded_line.h"

#include <cstdio>
#include <cstdlib>

namespace curfew {

std::string EncodedLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (c == '\n' || c == '%') {
      char hex[4];
      snprintf(hex, sizeof hex, "%%%02X", c);
      line += hex;
    } else {
      line += c;
    }
  }
  return line;
}

std::string DecodedLine(std::string_view line) {
  std::string text;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '%' && i + 2 < line.size()) {
      text += static_cast<char>(strtol(std::string(line.substr(i + 1, 2)).c_str(), nullptr, 16));
      i += 2;
    } else {
      text += line[i];
    }
  }
  return text;
}

}  // namespace curfew
