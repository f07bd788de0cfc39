// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/line_buffer.h"

namespace curfew {
namespace {

void Emit(std::string_view line, const LineBuffer::Sink& sink) {
  while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  sink(line);
}

}  // namespace

void LineBuffer::Add(std::string_view bytes, const Sink& sink) {
  while (!bytes.empty()) {
    const size_t newline = bytes.find('\n');
    const size_t room = kLongest - partial_.size();
    if (newline != std::string_view::npos && newline <= room) {
      partial_.append(bytes.substr(0, newline));
      bytes.remove_prefix(newline + 1);
      Emit(partial_, sink);
      partial_.clear();
      continue;
    }
    const size_t taken = std::min(room, bytes.size());
    partial_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (partial_.size() == kLongest) Flush(sink);
  }
}

void LineBuffer::Flush(const Sink& sink) {
  if (partial_.empty()) return;
  Emit(partial_, sink);
  partial_.clear();
}

}  // namespace curfew
