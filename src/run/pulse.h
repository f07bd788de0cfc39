// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <set>

#include "config/settings.h"
#include "kernel/heartbeat.h"
#include "run/event.h"

namespace curfew {

/// rc's part in the heartbeat of a shutdown, which the stages and the dead-man read. rc advances as
/// long as its loop turns, unless all that it waits for are stages: those say for themselves that
/// they advance.
class Pulse : public Listener {
 public:
  /// In level 0 and 6 it makes heartbeat, or goes on with those that the dead-man of a first
  /// request lives by. In a level that is no end it sends such a dead-man home. `machine`: this is
  /// no other tree.
  Pulse(boost::asio::io_context& loop, const Plan& plan, const Settings& settings, bool machine);

  /// For the stages, and for the halt that rc becomes; -1: there are none.
  int fd() const { return heartbeat_.fd(); }
  /// This rc ends, and the next one takes over.
  void LeaveToNext();

  void On(const Event& event) override;

 private:
  void Take(const std::string& level, const Settings& settings);
  void Beat();
  bool OnlyStagesRun() const;

  boost::asio::steady_timer timer_;
  Heartbeat heartbeat_;
  std::set<const Script*> running_;
};

}  // namespace curfew
