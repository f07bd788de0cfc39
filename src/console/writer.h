// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <deque>
#include <optional>
#include <string>

#include "console/other_writers.h"

namespace curfew {

/// Writes lines to one descriptor without waiting for it: a flow-controlled serial line or a full
/// pipe costs lines, not time. A mark takes the place of lines that were dropped.
class LineWriter {
 public:
  /// Opens an open file description of its own if the kernel gives one: O_NONBLOCK on the inherited
  /// one, such as init's on the console, is shared with other processes. Else that has O_NONBLOCK
  /// for the moment of each write alone.
  LineWriter(boost::asio::io_context& loop, int fd);

  /// Writes a line and its newline.
  void Write(std::string line) { WriteText(std::move(line) + '\n'); }
  /// Writes text as it is: a question, whose line the answer ends.
  void WriteText(std::string text);
  /// Shows one line, without newline, below all that is written: it is erased before other lines
  /// and drawn again behind them. For terminals that know ESC [ K. A status that the next one
  /// replaces before there was room for it is never drawn.
  void ShowStatus(std::string text);
  /// To be called where another process may have left the cursor behind text: what is written next
  /// begins on an empty line, so that the text is neither erased nor continued. From then on that
  /// is done whenever OtherWriters are heard. For the terminals of ShowStatus; one that does not
  /// tell its width keeps the text from the status alone.
  void BeginOnEmptyLine();
  /// While this is on, a terminal or pipe gets nothing; the lines wait.
  void Hold(bool on);
  /// Erases the status and writes the waiting lines, for at most 0.2 s.
  void Finish();
  /// Does the same before the program ends: then drops the rest, and marks that if it fits.
  void Leave();

  /// Writes `text` to `fd` where there is no loop; takes at most 0.2 s.
  static void WriteAlone(int fd, std::string text);

 private:
  /// A screenful of long lines. If more waits, the console does not read.
  static constexpr size_t kQueueBytes = 65536;

  void Queue(std::string text);
  std::string ToEmptyLine(bool keep);
  void MarkDropped();
  void WriteWhatFits();
  bool DrawStatus();
  void WriteLater();
  ssize_t WriteNow(const std::string& text);

  boost::asio::posix::stream_descriptor out_;
  bool shared_ = false;  ///< the open file description is also other processes'
  int plain_fd_ = -1;    ///< a regular file, which does not block, and which epoll refuses
  std::deque<std::string> queue_;
  size_t queued_ = 0;
  size_t dropped_ = 0;
  bool line_open_ = false;  ///< see BeginOnEmptyLine
  std::optional<OtherWriters> others_;
  bool begun_ = false;  ///< part of the first line in the queue is written
  std::string status_;  ///< the status to be shown
  std::string drawn_;   ///< the status on the terminal once the queue is written
  std::chrono::steady_clock::time_point draw_again_;
  bool waiting_ = false;
  bool held_ = false;
};

}  // namespace curfew
