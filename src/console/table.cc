// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/table.h"

#include <sys/ioctl.h>

#include <algorithm>

#include "text/text.h"

namespace curfew {
namespace {

/// A longer cell does not widen its column.
constexpr std::size_t kWidest = 40;
/// A last cell that had less room than this, or than its longest word, stands in a line of its own,
/// indented so far.
constexpr std::size_t kLeastRoom = 16;
constexpr std::size_t kBelow = 6;
/// Each row begins so far from the left.
constexpr std::size_t kCellsFrom = 2;

std::size_t LongestWord(std::string_view text) {
  std::size_t longest = 0;
  for (const std::string_view word : WordViews(text)) longest = std::max(longest, Width(word));
  return longest;
}

std::vector<std::size_t> ColumnWidths(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (Width(row[i]) <= kWidest) widths[i] = std::max(widths[i], Width(row[i]));
    }
  }
  return widths;
}

std::string Padded(const std::string& cell, std::size_t width, bool right) {
  const std::string pad(width > Width(cell) ? width - Width(cell) : 0, ' ');
  return right ? pad + cell : cell + pad;
}

/// All cells but the last, where they are wider than the terminal: columns are of no use then.
std::string Unpadded(const Row& row, std::size_t width) {
  std::string line;
  for (std::size_t i = 0; i + 1 < row.size(); ++i) line += (i > 0 ? " " : "") + row[i];
  return "  " + Folded(line, width, 2 * kCellsFrom, kCellsFrom);
}

}  // namespace

std::size_t TerminalWidth(int fd) {
  constexpr std::size_t kUnknown = 80;
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUnknown;
}

std::size_t Width(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

std::string Folded(std::string_view text, std::size_t width, std::size_t indent, std::size_t used) {
  if (width == 0) return std::string(text) + "\n";
  std::string out;
  bool first = true;  // no word of `text` stands in this line yet
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    const std::size_t gap = first ? 0 : 1;
    if (used + gap + Width(word) > width && !(first && used <= indent)) {
      out += "\n" + std::string(indent, ' ');
      used = indent;
      first = true;
      continue;
    }
    if (gap) out += ' ';
    out += word;
    used += gap + Width(word);
    first = false;
    text.remove_prefix(word.size());
    if (text.starts_with(' ')) text.remove_prefix(1);
  }
  return out + "\n";
}

std::string Table(const std::vector<Row>& rows, std::size_t width, std::string_view right) {
  const std::vector<std::size_t> widths = ColumnWidths(rows);
  std::string text;
  for (const Row& row : rows) {
    std::string line(kCellsFrom, ' ');
    std::size_t last_at = line.size();
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      const bool flush = right.find(static_cast<char>('0' + i)) != right.npos;
      line += Padded(row[i], widths[i], flush) + "  ";
      last_at += widths[i] + 2;
    }
    const std::string last = row.empty() ? "" : row.back();
    const std::size_t room = std::max(kLeastRoom, LongestWord(last));
    const bool below = width > 0 && Width(line) + Width(last) > width &&
                       std::max(last_at, Width(line)) + room > width;
    if (last.empty() || below) line.erase(line.find_last_not_of(' ') + 1);
    if (!below) {
      text += line + Folded(last, width, last_at, Width(line));
      continue;
    }
    text += Width(line) <= width ? line + "\n" : Unpadded(row, width);
    if (!last.empty()) text += std::string(kBelow, ' ') + Folded(last, width, kBelow, kBelow);
  }
  return text;
}

}  // namespace curfew
