// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace curfew {

/// Whether `value` is among `values`.
template <typename Values, typename Value>
bool Contains(const Values& values, const Value& value) {
  return std::find(std::begin(values), std::end(values), value) != std::end(values);
}

/// Whether `c` separates words in .depend files, LSB headers, insserv.conf, procfs and settings:
/// space and \t to \r.
constexpr bool IsBlank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// `text` without blanks at both ends.
std::string_view Trimmed(std::string_view text);

/// The words of `text`. Those of WordViews() point into it.
std::vector<std::string> Words(std::string_view text);
std::vector<std::string_view> WordViews(std::string_view text);

/// The parts of `text` between `separator`s, empty ones as well. They point into `text`.
std::vector<std::string_view> Split(std::string_view text, char separator);

/// Takes the first line off `text` and returns it without its newline.
std::string_view TakeLine(std::string_view* text);

/// The lines of `text` without their newlines. They point into `text`. The last line needs no
/// newline.
std::vector<std::string_view> Lines(std::string_view text);

/// The first line of `text`: the value in a file of sysfs or procfs that has only one.
std::string_view FirstLine(std::string_view text);

/// The number that `text` is, in decimal; nothing for any other text.
template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The number behind "KEY:" at the beginning of a line, as in /proc/meminfo, /proc/PID/io and
/// /proc/PID/status. The rest of the line, such as a unit, is ignored.
std::optional<std::uint64_t> NumberAfter(std::string_view text, std::string_view key);

/// The number of bytes of the well-formed UTF-8 character at the front of `text`, and its `code`; 0
/// if there is none (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t Utf8Length(std::string_view text, char32_t* code);

/// "14 s"
inline std::string Seconds(std::chrono::seconds time) {
  return std::to_string(time.count()) + " s";
}

}  // namespace curfew
