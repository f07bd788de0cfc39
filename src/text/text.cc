// SPDX-License-Identifier: GPL-2.0-or-later
#include "text/text.h"

#include <algorithm>

namespace curfew {

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> WordViews(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && !IsBlank(text[end])) ++end;
    if (end > begin) words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

std::vector<std::string> Words(std::string_view text) {
  const std::vector<std::string_view> words = WordViews(text);
  return {words.begin(), words.end()};
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view TakeLine(std::string_view* text) {
  const std::string_view line = FirstLine(*text);
  text->remove_prefix(std::min(line.size() + 1, text->size()));
  return line;
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) lines.push_back(TakeLine(&text));
  return lines;
}

std::string_view FirstLine(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

std::optional<std::uint64_t> NumberAfter(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    std::string_view line = TakeLine(&text);
    if (!line.starts_with(key) || line.substr(key.size(), 1) != ":") continue;
    const std::string_view value = Trimmed(line.substr(key.size() + 1));
    return ParseNumber<std::uint64_t>(value.substr(0, value.find_first_not_of("0123456789")));
  }
  return std::nullopt;
}

std::size_t Utf8Length(std::string_view text, char32_t* code) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0x80             ? 1
                             : (byte(0) & 0xE0) == 0xC0 ? 2
                             : (byte(0) & 0xF0) == 0xE0 ? 3
                             : (byte(0) & 0xF8) == 0xF0 ? 4
                                                        : 0;
  if (length == 0 || length > text.size()) return 0;
  *code = length == 1 ? byte(0) : byte(0) & (0x7F >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    *code = *code << 6 | (byte(i) & 0x3F);
  }
  static constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (*code < kLeast[length] || *code > 0x10FFFF) return 0;
  return *code >= 0xD800 && *code <= 0xDFFF ? 0 : length;
}

}  // namespace curfew
