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

#include "console/key_reader.h"
#include "kernel/fd.h"

namespace curfew {

/// The keys that shorten a wait: Ctrl-C skips what the status line names, and so does `s` on a
/// virtual terminal (elsewhere it may be noise of the line); Ctrl-C a second time within 3 s skips
/// all.
///
/// They are read on several terminals, none of them rc's controlling one, and never waited for. A
/// terminal's modes differ from its own only while keys count. Ctrl-S still stops a terminal: the
/// kernel would restart one whose IXON is taken away, against the will of its far end.
class Keys {
 public:
  /// What a line says while keys count, at its end; and in a line of its own, once.
  static constexpr char kHint[] = "; Ctrl-C skips it";
  static constexpr char kHelp[] =
      "Ctrl-C skips what is waited for; Ctrl-C twice within 3 s skips all";

  /// New descriptions of the terminals there are at the moment.
  using OpenTerminals = std::function<std::vector<Fd>()>;
  struct Acts {
    std::function<void()> skip;
    std::function<void()> skip_all;
  };

  /// Every console of /proc/consoles, and the terminal that questions are asked on; of another tree
  /// that one alone. The console tty0 is the virtual terminal that is active now.
  static std::vector<Fd> OpenConsoles(const std::string& root);

  Keys(boost::asio::io_context& loop, OpenTerminals open, Acts acts);
  /// Leaves the terminals open, for the process or the program it becomes: the last close(2) of a
  /// serial line waits up to 30 s for its output.
  ~Keys();

  /// Keys count from now on, or no more; after a Ctrl-C that one goes on for its 3 s. True again
  /// and again looks for new terminals. Returns whether there is one whose keys count.
  bool Count(bool on);
  /// Every terminal gets its own modes back now: somebody else reads there.
  void Stop();

 private:
  struct Terminal {
    explicit Terminal(boost::asio::io_context& loop) : in(loop) {}
    boost::asio::posix::stream_descriptor in;
    dev_t device = 0;
    KeyReader reader;
    termios modes_before{};
    bool counts = false;
  };
  using Place = std::list<Terminal>::iterator;

  void Look();
  void Begin(Place terminal);
  void WaitForInput(Place terminal);
  void Read(Place terminal);
  void Pressed(const Terminal& terminal, char key);
  void PressedInterrupt();

  boost::asio::io_context& loop_;
  const OpenTerminals open_;
  const Acts acts_;
  std::list<Terminal> terminals_;
  boost::asio::steady_timer again_;  ///< runs for as long as another Ctrl-C would skip all
  bool again_runs_ = false;
  bool wanted_ = false;
  unsigned number_ =
      0;  ///< of this time of counting: what was waited for in an earlier one is over
};

}  // namespace curfew
