// SPDX-License-Identifier: GPL-2.0-or-later
#include "text/json_line.h"

#include <cstdio>

#include "text/text.h"

namespace curfew {
namespace {

void AppendString(std::string* out, std::string_view text) {
  *out += '"';
  while (!text.empty()) {
    char32_t code = 0;
    const size_t size = Utf8Length(text, &code);
    const char c = text[0];
    if (size == 0) {
      *out += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      *out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      snprintf(escape, sizeof escape, "\\u%04x", c);
      *out += escape;
    } else {
      *out += text.substr(0, size);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  *out += '"';
}

}  // namespace

void JsonLine::Key(std::string_view key) {
  if (!text_.empty()) text_ += ',';
  AppendString(&text_, key);
  text_ += ':';
}

JsonLine& JsonLine::Text(std::string_view key, std::string_view value) {
  Key(key);
  AppendString(&text_, value);
  return *this;
}

JsonLine& JsonLine::Number(std::string_view key, long long value) {
  Key(key);
  text_ += std::to_string(value);
  return *this;
}

JsonLine& JsonLine::List(std::string_view key, const std::vector<std::string>& values) {
  Key(key);
  text_ += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text_ += ',';
    AppendString(&text_, values[i]);
  }
  text_ += ']';
  return *this;
}

}  // namespace curfew
