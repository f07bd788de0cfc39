// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "final/processes/target_table.h"

namespace curfew {

/// Thaws the cgroups of these processes, and the cgroups above them: who pauses a container freezes
/// its cgroup, and then no signal arrives but KILL, with version 1 of cgroups not even that. A
/// hierarchy that is mounted nowhere is mounted for this. Returns the names of the cgroups that
/// were frozen, as /proc/PID/cgroup has them; errc::timed_out after limits::kThaw.
Result<std::vector<std::string>> ThawCgroups(Kernel& kernel,
                                             const std::map<pid_t, Target>& targets);

}  // namespace curfew
