// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>

#include "run/event.h"
#include "trace/trace.h"

namespace curfew {

/// Writes the events of a run into the trace.
///
/// The events of a trace and their fields, beside "time_us" (CLOCK_BOOTTIME) and "event". rc
/// writes:
///
///   begin       level, previous, scripts (in the plan, without the hand-over)
///   start       service, link, action, stages, pid, limit_s (0: none)
///   line        service, text
///   lost        service, action, lines (a number): see below
///   exit        service, action, status (text)
///   skipped     service, action
///   near-limit  service, action, quiet_s, left_s
///   abandoned   service, action, reason, last_line
///   process     service, text: one process of an abandoned script
///   note        text
///
/// The stages of halt write the others: see ConsoleReport in src/final.
///
/// The trace is in memory. It keeps the first MiB of a script's output, and 8 MiB of all output.
class RunTrace : public Listener {
 public:
  explicit RunTrace(Trace& trace) : trace_(trace) {}

  void Began(const Plan& plan);
  void On(const Event& event) override;

 private:
  /// How much the trace has kept of one script's output.
  struct Kept {
    std::size_t bytes = 0;
    long long lost = 0;  ///< lines
  };

  void Write(const ScriptStarted& e);
  void Write(const OutputLine& e);
  void Write(const ScriptEnded& e);
  void Write(const ScriptSkipped& e);
  void Write(const NearLimit& e);
  void Write(const ScriptAbandoned& e);
  void Write(const Evidence& e);
  void Write(const Note& e);
  /// The trace keeps no other event.
  template <typename Other>
  void Write(const Other&) {}
  void SayLost(const Script& script);

  Trace& trace_;
  std::map<const Script*, Kept> kept_;
  std::size_t all_bytes_ = 0;
};

}  // namespace curfew
