// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <termios.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <string>

#include "console/key_reader.h"
#include "console/writer.h"
#include "kernel/fd.h"
#include "run/processes.h"

namespace curfew {

/// Puts questions on a terminal and reads the answers, one key or one line each, without ever
/// waiting for the terminal.
///
/// The terminal's modes are changed only while a question is open. Ctrl-D is the end of the input;
/// Ctrl-C and the other keys that send signals are keys like all others. In the background of a job
/// control shell nobody can answer, and nobody is asked.
class Prompt {
 public:
  /// The answer: what was typed, without blanks around it; empty for Enter alone, after the limit,
  /// at the end of the input and without a terminal.
  using OnReply = std::function<void(const std::string& reply)>;

  /// The terminal to ask on: of the machine itself /dev/console, else standard input, where that is
  /// a terminal; of another tree standard input alone. Empty if there is none.
  static Fd OpenTerminal(const std::string& root);

  /// `terminal` is an open file description of its own, O_NONBLOCK; empty: there is nobody to ask.
  Prompt(boost::asio::io_context& loop, Fd terminal);
  /// An open question gets no answer.
  ~Prompt();

  bool CanAsk() const { return in_.is_open(); }
  /// One question at a time. Calls `on_reply` once, from the loop, never before it returns; never
  /// if the prompt goes first.
  void Ask(const Question& question, OnReply on_reply);

 private:
  void Show(std::string_view text);
  void ChangeModes();
  void RestoreModes();
  void StartTimer(std::chrono::seconds limit);
  void WaitForInput();
  void Read();
  void ReadLine();
  void ReadKeys();
  void Reply(const std::string& reply);

  boost::asio::io_context& loop_;
  LineWriter out_;
  boost::asio::posix::stream_descriptor in_;
  boost::asio::steady_timer timer_;
  KeyReader keys_;
  std::optional<termios> modes_before_;
  OnReply on_reply_;
  bool line_ = false;
  unsigned number_ = 0;  ///< of the question: what was waited for an earlier one is over
};

}  // namespace curfew
