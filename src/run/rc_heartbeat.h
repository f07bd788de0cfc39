// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <set>

#include "config/settings.h"
#include "kernel/heartbeat.h"
#include "run/event.h"

namespace curfew {

/// rc's heartbeat in a shutdown, which the dead-man reads. rc beats once a second while its loop
/// turns. It does not beat while nothing but native stages runs: those beat for themselves.
class RcHeartbeat : public Listener {
 public:
  /// In level 0 and 6: makes a heartbeat page, or takes over the page that the first request's
  /// dead-man reads. In other levels: ends that dead-man. `machine`: false on another tree.
  RcHeartbeat(boost::asio::io_context& loop, const Plan& plan, const Settings& settings,
              bool machine);

  /// For the stages, and for the halt that rc becomes; empty: there is no page.
  const Heartbeat& heartbeat() const { return heartbeat_; }
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
