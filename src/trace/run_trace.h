// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>

#include "run/status.h"
#include "trace/trace.h"

namespace curfew {

/// Keeps a run in the trace: who started when, said what, ended how.
///
/// The trace is in memory: of a script that floods its output the first mebibyte is kept, of all
/// scripts together eight; "lost" then says how many lines are not there.
class RunTrace : public Status {
 public:
  explicit RunTrace(Trace& trace) : trace_(trace) {}

  void Began(const Plan& plan);
  void Started(const Script& script, pid_t pid) override;
  void Line(const Script& script, std::string_view text) override;
  void Ended(const Script& script, ExitStatus status) override;
  void Skipped(const Script& script) override;
  void NearLimit(const Script& script, std::chrono::seconds quiet,
                 std::chrono::seconds left) override;
  void Abandoned(const Script& script, const Abandonment& why) override;
  void Evidence(const Script& script, const std::vector<std::string>& lines) override;
  void WaitsFor(const Waiting* waiting) override;
  void Note(std::string_view text) override;
  void ConsoleLent(bool) override {}

 private:
  /// What was kept of one script's output, and not.
  struct Kept {
    std::size_t bytes = 0;
    long long lost = 0;  ///< lines
  };

  void SayLost(const Script& script);

  Trace& trace_;
  std::map<const Script*, Kept> kept_;
  std::size_t all_bytes_ = 0;
};

}  // namespace curfew
