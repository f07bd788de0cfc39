// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace curfew {

/// Cuts a stream of bytes into whole lines.
class LineBuffer {
 public:
  using Sink = std::function<void(std::string_view)>;

  /// Longer lines are cut here, so that one script cannot take all memory.
  static constexpr size_t kLongest = 8192;

  /// Each line goes to `sink` without its "\n" or "\r\n".
  void Add(std::string_view bytes, const Sink& sink);
  /// Hands out what is there of an unfinished line, if anything.
  void Flush(const Sink& sink);
  bool empty() const { return partial_.empty(); }

 private:
  std::string partial_;
};

}  // namespace curfew
