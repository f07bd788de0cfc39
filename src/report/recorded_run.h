// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/recorded_request.h"
#include "report/trace_events.h"
#include "text/text.h"

namespace curfew {

/// How a script of a trace ended, as far as the trace says so.
enum class RecordedOutcome {
  kPlanned,  ///< it never began
  kRunning,  ///< it began, and the trace has no end of it
  kEnded,
  kFailed,
  kNotInstalled,
  kNotConfigured,
  kAbandoned,
  kSkipped,
};

/// One script of a trace, in one direction. Times are microseconds of CLOCK_BOOTTIME.
struct RecordedScript {
  std::string service;             ///< "cups"
  std::string link;                ///< "K02cups"; empty if the trace does not say
  std::string action;              ///< "stop"
  std::string stages;              ///< "kill" where a stage of halt runs in its place
  std::vector<std::string> after;  ///< services whose end this one waits for
  std::optional<long long> start_us;
  std::optional<long long> end_us;  ///< when the run went on without it
  RecordedOutcome outcome = RecordedOutcome::kPlanned;
  std::string status;     ///< of its end: "exit status 1"
  std::string reason;     ///< why it was abandoned: "no progress for 90 s"
  std::string last_line;  ///< of its output

  /// Never negative. Nothing if the trace has not both ends of it.
  std::optional<long long> DurationUs() const;
};

/// One stage of halt that ran for itself, not in the place of a script.
struct RecordedStage {
  std::string name;
  long long start_us = 0;
  std::optional<long long> took_us;  ///< nothing if the trace has no end of it
};

/// What happened to a process, a file system or a device, for a person.
struct Finding {
  std::string what;  ///< the event: "killed", "survivor", "read-only", "unwritten", ...
  std::string text;  ///< "atd[812]", "/home"

  bool operator==(const Finding&) const = default;
};

/// What the boot after a shutdown saw of its end.
struct NextBoot {
  bool clean = false;
  std::string reason;
};

/// One change of level, or a boot: what a trace says of it. Nothing in it is sure: a trace may be
/// torn, or be of another program.
struct RecordedRun {
  long long schema = 0;                   ///< 0: before traces had one
  bool began = false;                     ///< without it the text is no trace
  std::vector<std::string> levels;        ///< "6" and then "0", when the one became the other
  std::string previous;                   ///< the level before the first
  std::vector<RecordedRequest> requests;  ///< who asked: one for each level where that was noted
  std::optional<long long> begin_us, last_us;
  /// CLOCK_REALTIME less CLOCK_BOOTTIME, by the last that was noted: a clock that was set on the
  /// way counts for what was before.
  std::optional<long long> wall_offset_us;
  std::vector<RecordedScript> scripts;  ///< in the order of the plan, or in which they began
  std::vector<RecordedStage> stages;
  std::vector<Finding> findings;
  std::vector<std::string> notes;
  bool edges_known = false;  ///< the trace says which script waited for which
  bool scripts_end = false;  ///< all scripts are through
  bool trace_end = false;    ///< the trace was closed when the disk under it became read-only
  std::optional<NextBoot> next_boot;
  TraceDamage damage;
  bool cut_off = false;     ///< of a longer file the beginning
  std::size_t dropped = 0;  ///< scripts, stages, findings and notes beyond what one run can have

  /// "0"; of a boot "S".
  std::string Level() const { return levels.empty() ? "" : levels.back(); }
  /// SUSE's rc runs level "halt" inside level 0 or 6.
  bool IsShutdown() const { return Contains(levels, "0") || Contains(levels, "6"); }
};

/// Reads a trace. Understands those of before schema 1 and what is known of later ones.
RecordedRun ReadRecordedRun(const TraceText& trace, EventKinds kinds = EventKinds::kAll);

}  // namespace curfew
