// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <termios.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <string>

#include "console/writer.h"
#include "kernel/fd.h"
#include "run/launcher.h"

namespace curfew {

/// Turns the bytes that a terminal sends into keys. An arrow or function key is ESC [ C or ESC O S,
/// and must not be taken for the letter at its end.
class KeyReader {
 public:
  /// Stands for every key that is not one ASCII character.
  static constexpr char kOther = '\x1b';

  /// The key that `byte` completes, if any. ESC itself is no key: it may begin a sequence.
  std::optional<char> Feed(char byte);

 private:
  enum class State { kPlain, kEscape, kSequence };
  State state_ = State::kPlain;
};

/// Asks questions on a terminal and reads the answers, one key or one line each, without waiting
/// for the terminal.
///
/// The modes of the terminal are changed only while a question is open. Ctrl-D ends the input.
/// Ctrl-C and other keys that send signals are plain keys. In the background of a job control shell
/// every question gets the empty answer.
class Prompt {
 public:
  /// The answer: the typed text without blanks around it; empty for Enter alone, after the limit,
  /// at the end of the input and without a terminal.
  using OnReply = std::function<void(const std::string& reply)>;

  /// Opens the terminal for questions. For the machine itself it is /dev/console, or else standard
  /// input if that is a terminal; for another tree only the latter. Empty if there is none.
  static Fd OpenTerminal(const std::string& root);

  /// `terminal` is an open file description of its own with O_NONBLOCK; empty: no one can be asked.
  Prompt(boost::asio::io_context& loop, Fd terminal);
  /// An open question gets no answer.
  ~Prompt();

  bool CanAsk() const { return in_.is_open(); }
  /// Asks one question at a time. Calls `on_reply` once, from the loop, after Ask has returned. If
  /// the prompt is destroyed first, does not call it.
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
  unsigned number_ = 0;  ///< of the question: callbacks of earlier questions do nothing
};

}  // namespace curfew
