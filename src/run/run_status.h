// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "run/script_run.h"

namespace curfew {

/// What a run is at, as lines of JSON. The first has level, previous, scripts (of the plan, without
/// the hand-over), ended and left_alone (numbers); each other one a script that has a process:
///
///   service, link, action, pid
///   running_s   since its start; absent if rc does not wait for it any more
///   left_s      until rc leaves it alone, unless it makes progress; absent: it has no limit
///   processes   that it waits for, as the console names them; none before the first scan
///   behind      services that wait for its end
///   last_line   of its output
///   left_alone  1: rc does not wait for it any more
///
/// Scripts that would make it longer than `most` bytes are left out.
std::string RunStatus(const Plan& plan, const std::vector<ScriptRun>& runs, Deadline::Time now,
                      std::size_t most);

}  // namespace curfew
