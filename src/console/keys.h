// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>
#include <termios.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "kernel/fd.h"

namespace curfew {

/// Ctrl-C at a console shortens a wait: it skips the script that the status line names; a second
/// one within 3 s skips all.
///
/// The terminals are read without waiting, and none of them is rc's controlling terminal. Their
/// modes are changed only while keys count. Ctrl-S still stops a terminal: without IXON the kernel
/// would restart one that its far end has stopped.
class Keys {
 public:
  /// The end of the status line while keys count.
  static constexpr char kHint[] = "; Ctrl-C skips it";
  /// A line of its own, written once.
  static constexpr char kHelp[] =
      "Ctrl-C skips what is waited for; Ctrl-C twice within 3 s skips all";

  /// Opens the terminals that there are now.
  using OpenTerminals = std::function<std::vector<Fd>()>;
  /// Takes a terminal that is new to Keys from others; empty: keys do not count there.
  using Take = std::function<Fd(Fd)>;
  struct Acts {
    std::function<void()> skip;
    std::function<void()> skip_all;
  };

  /// Opens every console of /proc/consoles and the terminal on which questions are asked; for
  /// another tree only the latter. The console tty0 is the active virtual terminal.
  static std::vector<Fd> OpenConsoles(const std::string& root);

  Keys(
      boost::asio::io_context& loop, OpenTerminals open, Acts acts,
      Take take = [](Fd terminal) { return terminal; });
  /// Leaves the terminals open for the next program of this process: the last close(2) of a serial
  /// line waits up to 30 s for its output.
  ~Keys();

  /// Begins or ends the time in which keys count. After a Ctrl-C it ends 3 s later. Each call with
  /// true looks for new terminals. Returns whether keys count on any terminal.
  bool Count(bool on);
  /// Ends that time now and restores the modes of all terminals, for another reader.
  void Stop();

 private:
  struct Terminal {
    explicit Terminal(boost::asio::io_context& loop) : in(loop) {}
    boost::asio::posix::stream_descriptor in;
    dev_t device = 0;
    termios modes_before{};
    bool counts = false;
  };
  using Place = std::list<Terminal>::iterator;

  void FindTerminals();
  void Begin(Place terminal);
  void WaitForInput(Place terminal);
  void Read(Place terminal);
  void PressedInterrupt();

  boost::asio::io_context& loop_;
  const OpenTerminals open_;
  const Acts acts_;
  const Take take_;
  std::list<Terminal> terminals_;
  boost::asio::steady_timer again_;  ///< while it runs, another Ctrl-C skips all
  bool again_runs_ = false;
  bool wanted_ = false;
  unsigned period_ = 0;  ///< number of the time in which keys count; calls from earlier ones stop
};

}  // namespace curfew
