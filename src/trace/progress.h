// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace curfew {

/// How far a change of level has come, as its trace tells.
struct Progress {
  /// A script that has begun and not ended.
  struct Running {
    std::string link;        ///< "K02cups"
    std::string service;     ///< "cups"
    std::string action;      ///< "stop"
    pid_t pid = 0;           ///< also the number of its session
    long long since_us = 0;  ///< CLOCK_BOOTTIME
    std::string last_line;   ///< of its output
    long long limit_s = 0;   ///< left alone after so long without progress; 0: never
    bool abandoned = false;  ///< nobody waits for it any more
    std::string reason;      ///< why: "no progress for 90 s"
    bool counted = false;    ///< it is among `ended`
  };
  std::string level, previous;
  long long scripts = 0;         ///< in the plan, without the hand-over
  long long ended = 0;           ///< those that were left alone or skipped are among them
  std::vector<Running> running;  ///< in the order in which they began, the abandoned too
};

/// What the lines of a trace add up to. A change of level that took over from another (6 turned
/// into 0) counts as one with it. A line that cannot be read, such as the last of a full disk, is
/// passed over.
Progress ReadProgress(std::string_view trace);

}  // namespace curfew
