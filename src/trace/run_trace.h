// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "run/status.h"
#include "trace/trace.h"

namespace curfew {

/// Keeps a run in the trace: who started when, said what, ended how.
class RunTrace : public Status {
 public:
  explicit RunTrace(Trace& trace) : trace_(trace) {}

  void Began(const Plan& plan);
  void Started(const Script& script, pid_t pid) override;
  void Line(const Script& script, std::string_view text) override;
  void Ended(const Script& script, ExitStatus status) override;
  void Skipped(const Script& script) override;
  void Abandoned(const Script& script, std::chrono::seconds limit) override;
  void Note(std::string_view text) override;
  void ConsoleLent(bool) override {}

 private:
  Trace& trace_;
};

}  // namespace curfew
