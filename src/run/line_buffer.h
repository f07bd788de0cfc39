// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace curfew {

/// Cuts a stream of bytes into lines.
class LineBuffer {
 public:
  using Sink = std::function<void(std::string_view)>;

  /// A longer line is cut here, so that one script cannot take all memory.
  static constexpr std::size_t kLongest = 8192;

  /// Passes each line to `sink`, without its "\n" or "\r\n".
  void Add(std::string_view bytes, const Sink& sink) {
    for (const char c : bytes) {
      if (c == '\n' || partial_.size() == kLongest) Emit(sink);
      if (c != '\n') partial_ += c;
    }
  }
  /// Passes on an unfinished line, if there is one.
  void Flush(const Sink& sink) {
    if (!empty()) Emit(sink);
  }
  bool empty() const { return partial_.empty(); }

 private:
  void Emit(const Sink& sink) {
    while (partial_.ends_with('\r')) partial_.pop_back();
    sink(partial_);
    partial_.clear();
  }

  std::string partial_;
};

}  // namespace curfew
