// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <deque>
#include <string>

namespace curfew {

/// Lines to one descriptor, never waiting for it: a flow-controlled serial line or a full
/// pipe costs lines, not time. What had to be dropped is marked.
class LineWriter {
 public:
  /// Writes through an open file description of its own where the kernel gives one (O_NONBLOCK on
  /// the inherited one would be everybody's).
  LineWriter(boost::asio::io_context& loop, int fd);

  /// Appends the newline.
  void Write(std::string line) { WriteText(std::move(line) + '\n'); }
  /// As it is: a question, whose line ends with the answer.
  void WriteText(std::string text);
  /// As long as this is on, what is written waits, to a terminal or pipe.
  void Hold(bool on);
  /// Writes what still waits, for 0.2 s at the most; called before the program ends.
  void Finish();

 private:
  /// As much as a screenful of long lines; more is a console that does not read.
  static constexpr size_t kQueueBytes = 65536;

  void MarkDropped();
  void WriteWhatFits();
  void WriteLater();

  boost::asio::posix::stream_descriptor out_;
  int plain_fd_ = -1;  ///< a regular file: epoll refuses those, and they do not block
  std::deque<std::string> queue_;
  size_t queued_ = 0;
  size_t dropped_ = 0;
  bool waiting_ = false;
  bool held_ = false;
};

}  // namespace curfew
