// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace curfew {

/// One JSON object as a line of text, written key by key. Small enough for halt, which links no
/// library for it; readers use Boost.JSON.
class JsonLine {
 public:
  /// Replaces the bad bytes of a text that is not UTF-8: readers would refuse the line.
  JsonLine& Text(std::string_view key, std::string_view value);
  JsonLine& Number(std::string_view key, long long value);
  JsonLine& List(std::string_view key, const std::vector<std::string>& values);
  /// The whole line, with its newline.
  std::string Done() const { return "{" + text_ + "}\n"; }

 private:
  void Key(std::string_view key);

  std::string text_;
};

}  // namespace curfew
