// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>

#include "run/event.h"
#include "trace/trace.h"

namespace curfew {

/// Keeps a run in the trace: who started when, said what, ended how.
///
/// The trace is in memory: of a script that floods its output the first mebibyte is kept, of all
/// scripts together eight; "lost" then says how many lines are not there.
class RunTrace : public Listener {
 public:
  explicit RunTrace(Trace& trace) : trace_(trace) {}

  void Began(const Plan& plan);
  void On(const Event& event) override;

 private:
  /// What was kept of one script's output, and not.
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
