// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
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
  /// One line, without newline, that stays below what is written: erased before it and drawn again
  /// after it. For terminals that know ESC [ K. What had no turn before the next is never drawn.
  void ShowStatus(std::string text);
  /// As long as this is on, what is written waits, to a terminal or pipe.
  void Hold(bool on);
  /// Erases the status and writes what still waits, for 0.2 s at the most.
  void Finish();
  /// The same before the program ends: what did not fit is dropped, and marked as far as that fits.
  void Leave();

  /// Writes `text` to `fd` where there is no loop (yet, or any more); takes 0.2 s at the most.
  static void WriteAlone(int fd, std::string text);

 private:
  /// As much as a screenful of long lines; more is a console that does not read.
  static constexpr size_t kQueueBytes = 65536;

  void Queue(std::string text);
  void MarkDropped();
  void WriteWhatFits();
  bool DrawStatus();
  void WriteLater();

  boost::asio::posix::stream_descriptor out_;
  int plain_fd_ = -1;  ///< a regular file: epoll refuses those, and they do not block
  std::deque<std::string> queue_;
  size_t queued_ = 0;
  size_t dropped_ = 0;
  bool begun_ = false;  ///< part of the first in the queue is written
  std::string status_;  ///< as it should be
  std::string drawn_;   ///< as it is, or will be when the queue is written
  std::chrono::steady_clock::time_point draw_again_;
  bool waiting_ = false;
  bool held_ = false;
};

}  // namespace curfew
