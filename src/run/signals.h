// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <set>

#include "kernel/files.h"

namespace curfew {

/// The signals of rc: none ends it. SIGTERM is told apart by its sender. That of init, of the stub,
/// or of any other ancestor of rc asks rc to make way for another level. Whoever else sends one,
/// such as a script that calls `kill -1` or killall5, means others.
///
/// They come through signalfd(2): signal_set alone neither knows a sender nor notices that its own
/// pipe blocks.
class Signals {
 public:
  struct Acts {
    std::function<void()> requested;
    std::function<void(pid_t sender)> stranger;
    std::function<void()> child;  ///< SIGCHLD: a child has stopped or ended
  };

  /// The signals are blocked as long as this exists. The loop calls `acts`.
  Signals(boost::asio::io_context& loop, Files& files, Acts acts);
  ~Signals();
  Signals(const Signals&) = delete;

  /// Takes what has come, and does not wait for the loop.
  void Take();

 private:
  void Wait();
  void ListenWithoutSender();
  void WaitWithoutSender();

  const Acts acts_;
  std::set<pid_t> ancestors_;
  sigset_t before_;
  boost::asio::posix::stream_descriptor signals_;
  boost::asio::signal_set any_sender_;
};

}  // namespace curfew
