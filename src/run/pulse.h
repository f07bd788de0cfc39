// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <set>

#include "config/settings.h"
#include "kernel/vitals.h"
#include "run/status.h"

namespace curfew {

/// rc's part in the vitals of a shutdown, which the stages and the dead-man read. rc advances as
/// long as its loop turns, unless all that it waits for are stages: those say for themselves that
/// they advance.
class Pulse : public Status {
 public:
  /// In level 0 and 6 it makes vitals, or goes on with those that the dead-man of a first request
  /// lives by. In a level that is no end it sends such a dead-man home. `machine`: this is no other
  /// tree.
  Pulse(boost::asio::io_context& loop, const Plan& plan, const Settings& settings, bool machine);

  /// For the stages, and for the halt that rc becomes; -1: there are none.
  int fd() const { return vitals_.fd(); }
  /// This rc ends, and the next one takes over.
  void LeaveToNext();

  void Started(const Script& script, pid_t) override { running_.insert(&script); }
  void Ended(const Script& script, ExitStatus) override { running_.erase(&script); }
  void Skipped(const Script& script) override { running_.erase(&script); }
  void Abandoned(const Script& script, const Abandonment&) override { running_.erase(&script); }
  void Line(const Script&, std::string_view) override {}
  void NearLimit(const Script&, std::chrono::seconds, std::chrono::seconds) override {}
  void Evidence(const Script&, const std::vector<std::string>&) override {}
  void WaitsFor(const Waiting*) override {}
  void Note(std::string_view) override {}
  void ConsoleLent(bool) override {}

 private:
  void Take(const std::string& level, const Settings& settings);
  void Beat();
  bool OnlyStagesRun() const;

  boost::asio::steady_timer timer_;
  Vitals vitals_;
  std::set<const Script*> running_;
};

}  // namespace curfew
