// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/plain.h"

#include <cstdlib>
#include <vector>

#include "console/escape.h"
#include "text/text.h"

namespace curfew {
namespace {

/// The cells of one line of a terminal. A cell is one character, which may have several bytes.
class TerminalLine {
 public:
  void Feed(std::string_view text) {
    while (!text.empty()) text.remove_prefix(FeedOne(text));
  }

  std::string Text() const {
    std::string text;
    for (const std::string& cell : cells_) text += cell;
    return text;
  }

 private:
  /// Takes one character or escape sequence. Returns its length.
  size_t FeedOne(std::string_view text) {
    const auto c = static_cast<unsigned char>(text[0]);
    if (c == '\r') column_ = 0;
    if (c == '\b' && column_ > 0) --column_;
    if (c == '\t') PutTab();
    if (c == 0x1b) return FeedEscape(text);
    char32_t code = 0;
    if (const size_t size = Utf8Length(text, &code); size != 0 && IsControl(code)) return size;
    // A virtual console obeys C1 controls as one byte, too (0x9b is ESC [).
    const size_t size = CharacterSize(text);
    if (size == 1 && c >= 0x80 && c < 0xa0) return size;
    Put(text.substr(0, size));
    return size;
  }

  /// The number of bytes of the UTF-8 character at the front of `text`, which may be cut off.
  static size_t CharacterSize(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const size_t whole = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
    size_t size = 1;
    while (size < std::min(whole, text.size()) && (text[size] & 0xc0) == 0x80) ++size;
    return size;
  }

  void Put(std::string_view character) {
    if (column_ >= kWidest) return;
    if (column_ >= cells_.size()) cells_.resize(column_ + 1, " ");
    cells_[column_++] = character;
  }

  void PutTab() {
    do Put(" ");
    while (column_ % 8 != 0 && column_ < kWidest);
  }

  /// Carries out the escape sequence at the front of `text`. Returns its length.
  size_t FeedEscape(std::string_view text) {
    if (text.size() < 2) return 1;
    if (text[1] == '7') saved_ = column_;
    if (text[1] == '8') column_ = saved_;
    if (text[1] != '[') return 2;
    size_t end = 2;
    while (end < text.size() && (text[end] < '@' || text[end] > '~')) ++end;
    if (end == text.size()) return end;
    const int number = atoi(std::string(text.substr(2, end - 2)).c_str());
    if (text[end] == 'G') column_ = number > 0 ? std::min<size_t>(number - 1, kWidest) : 0;
    if (text[end] == 'K' && number == 0 && column_ < cells_.size()) cells_.resize(column_);
    return end + 1;
  }

  static constexpr size_t kWidest = 8192;
  std::vector<std::string> cells_;
  size_t column_ = 0;
  size_t saved_ = 0;
};

}  // namespace

std::string PlainLine(std::string_view line) {
  TerminalLine row;
  row.Feed(line);
  return row.Text();
}

}  // namespace curfew
