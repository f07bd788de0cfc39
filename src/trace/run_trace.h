// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/files.h"
#include "run/event.h"
#include "trace/level_request.h"
#include "trace/trace.h"

namespace curfew {

/// Writes the events of a run into the trace.
///
/// The events of a trace and their fields, beside "time_us" (CLOCK_BOOTTIME) and "event". rc
/// writes:
///
///   begin       schema (kTraceSchema), wall_us (CLOCK_REALTIME at that moment), level, previous,
///               scripts (in the plan, without the hand-over)
///   asked       by ("init", "rc", "halt"); of rc and halt command, uid, from (a list), and, where
///               there is one, login_uid and terminal; of halt before_us: who asked for the change
///   script      service, link, action, stages, after (services, direct dependencies alone),
///               limit_s (0: none): one for each script of the plan, after "begin"
///   start       service, link, action, stages, pid, limit_s (0: none)
///   line        service, text
///   lost        service, action, lines (a number): see below
///   exit        service, action, status (text), outcome ("ended", "failed", "not-installed",
///               "not-configured")
///   skipped     service, action
///   near-limit  service, action, quiet_s, left_s
///   abandoned   service, action, reason, last_line
///   process     service, text: one process of an abandoned script
///   note        text
///   scripts-end
///
/// The stages of halt write the others: see ConsoleReport in src/final. curfew-trace(5) describes
/// all of them.
///
/// The trace is in memory. It keeps the first MiB of a script's output, and 8 MiB of all output.
/// Kernel stacks are in a file of their own, for root alone: "stack" service, process, text.
class RunTrace : public Listener {
 public:
  /// `root` is the prefix of the files.
  RunTrace(Files& files, std::string root) : files_(files), root_(std::move(root)) {}

  /// Begins the trace of a run, or goes on with that of the same shutdown or boot. `boot_level` is
  /// the dialect's. Takes the record of who asked. After an error nothing is recorded.
  std::error_code Begin(const Plan& plan, bool continues_shutdown, std::string_view boot_level);
  void On(const Event& event) override;
  /// To be called when no script is waited for any more.
  void ScriptsEnded() { trace_.Write(TraceLine("scripts-end")); }

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
  void WriteRequest(const LevelRequest& request);
  void WriteBegin(const Plan& plan);
  void WritePass(const Pass& pass);
  void WriteStack(const Script& script, std::string_view process, std::string_view stack);
  std::string PathOf(const char* file) const;
  /// Whether the trace as it is belongs to the boot that this run is a part of.
  bool ContinuesBoot(const Plan& plan, std::string_view boot_level) const;

  Files& files_;
  const std::string root_;
  Trace trace_;
  /// Opened when there is a stack to write.
  std::optional<Trace> stacks_;
  std::map<const Script*, Kept> kept_;
  std::size_t all_bytes_ = 0;
};

}  // namespace curfew
