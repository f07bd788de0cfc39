// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace curfew {

/// What separates words in .depend files, LSB headers, insserv.conf, procfs and values of settings:
/// space, \t to \r.
constexpr bool IsBlank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// `text` without blanks at both ends.
std::string_view Trimmed(std::string_view text);

/// The words of `text`; WordViews() points into it.
std::vector<std::string> Words(std::string_view text);
std::vector<std::string_view> WordViews(std::string_view text);

/// Takes the first line off `text` and returns it without its newline.
std::string_view TakeLine(std::string_view* text);

/// The lines of `text`, which they point into, without their newlines; the last one needs none.
std::vector<std::string_view> Lines(std::string_view text);

/// The first line of `text`: what a file of sysfs or procfs with one value says.
std::string_view FirstLine(std::string_view text);

/// The whole of `text` as a decimal number; nothing for anything else.
template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The number behind "KEY:" at the beginning of a line, as in /proc/meminfo, /proc/PID/io and
/// /proc/PID/status; what follows the number, such as a unit, is ignored.
std::optional<std::uint64_t> NumberAfter(std::string_view text, std::string_view key);

/// "14 s"
inline std::string Seconds(std::chrono::seconds time) {
  return std::to_string(time.count()) + " s";
}

}  // namespace curfew
