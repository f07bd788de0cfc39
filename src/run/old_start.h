// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>

#include "run/ledger.h"
#include "run/process.h"

namespace curfew {

/// An earlier rc's start of a service that this run wants to stop: the stop must not race it.
class OldStart {
 public:
  explicit OldStart(boost::asio::io_context& loop) : loop_(loop), timer_(loop) {}

  /// Calls `on_over` once, from the loop, when that start has ended, or after `limit`. The error is
  /// that of Process::Adopt; there is nothing to wait for then.
  std::error_code Wait(const Ledger::Running& start, std::chrono::seconds limit,
                       std::function<void()> on_over);
  /// Calls nothing any more. False if it was over already.
  bool Cancel();

  pid_t session() const { return process_.pid(); }

 private:
  void Over();

  boost::asio::io_context& loop_;
  Process process_;
  boost::asio::steady_timer timer_;
  std::function<void()> on_over_;
};

}  // namespace curfew
