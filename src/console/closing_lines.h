// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plan/dialect.h"
#include "run/event.h"

namespace curfew {

/// Collects what a run has come to, for its last lines.
class ClosingLines : public Listener {
 public:
  /// The level and failures are told in the words of the dialect (Dialect::names_level).
  ClosingLines(const Plan& plan, const Dialect& dialect) : plan_(plan), dialect_(dialect) {}

  void On(const Event& event) override;

  /// How many scripts stopped, in which time (on the machine's way down); which were left alone or
  /// skipped, and why; on SUSE that the level `is_reached`; which failed, or have nothing to run.
  /// No line says that there is nothing.
  std::vector<std::string> Lines(bool is_reached) const;

 private:
  using Clock = std::chrono::steady_clock;

  void Take(const ScriptStarted& e);
  void Take(const ScriptEnded& e);
  void Take(const ScriptSkipped& e);
  void Take(const ScriptAbandoned& e);
  template <typename Other>
  void Take(const Other&) {}

  std::string Stopped() const;
  std::string Reached() const;
  std::string With(const std::string& what, std::initializer_list<Outcome> outcomes) const;

  const Plan& plan_;
  const Dialect& dialect_;
  const Clock::time_point begin_ = Clock::now();
  std::map<const Script*, Clock::time_point> running_;  ///< and since when
  std::vector<std::pair<std::string, Outcome>> ended_;  ///< services, in the order of their ends
  std::vector<std::string> left_alone_;                 ///< "slow (no progress for 90 s)"
  std::size_t stopped_ = 0;
  std::string slowest_;
  Clock::duration slowest_took_{0};
};

}  // namespace curfew
