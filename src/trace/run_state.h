// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace curfew {

/// The state of a change of level: what `curfew status` shows, read out of the trace.
struct RunState {
  /// A script that has begun and not ended.
  struct Running {
    std::string link;                 ///< "K02cups"
    std::string service;              ///< "cups"
    std::string action;               ///< "stop"
    pid_t pid = 0;                    ///< also the number of its process group
    long long since_us = 0;           ///< CLOCK_BOOTTIME
    std::string last_line;            ///< of its output
    long long limit_s = 0;            ///< rc abandons it after this time without progress; 0: never
    std::optional<long long> left_s;  ///< of that time; nothing: not known, or no limit
    std::optional<long long> usual_us;   ///< how long it took in most earlier runs
    std::vector<std::string> processes;  ///< that it waits for, as the console names them
    std::vector<std::string> behind;     ///< services that wait for its end
    bool abandoned = false;              ///< rc does not wait for it any more
    std::string reason;                  ///< why rc abandoned it: "no progress for 90 s"
  };
  std::string level, previous;
  long long scripts = 0;         ///< in the plan, without the hand-over
  long long ended = 0;           ///< includes those that were skipped
  long long left_alone = 0;      ///< of the plan
  std::vector<Running> running;  ///< in the order in which they began, abandoned ones included
  std::string stage;             ///< of halt, that runs; empty: none
  long long stage_since_us = 0;  ///< CLOCK_BOOTTIME
};

/// Reads the state of the last change of level in `trace`. A change that took over from another (6
/// turned into 0) counts as one with it; the levels of a boot count apart. Lines that cannot be
/// read, such as the last line of a full disk, are ignored.
RunState ReadRunState(std::string_view trace);

/// Adds to `state` what a running rc alone knows, as it says itself: see run/run_status.h.
void TakeRunStatus(std::string_view lines, RunState* state);

}  // namespace curfew
