// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <system_error>

#include "final/context/stage_context.h"
#include "final/processes/process_names.h"
#include "final/processes/skip_list.h"

namespace curfew {

/// What one call of EndProcesses() did.
struct EndedProcesses {
  ProcessNames ended;
  std::error_code unseen;  ///< Why processes may be left that it did not see; clear: none is.
};

/// Ends all processes that `rule` does not skip: stops them, sends TERM to each, and HUP to those
/// with a controlling terminal, and continues them; after KILL_WAIT it sends KILL to the rest.
/// While targets make progress (TargetProgress) the wait goes on, up to ten times KILL_WAIT and at
/// most FINAL_BUDGET. Targets in state D after KILL cost 2 s in all and are named together with
/// what they wait for (StuckProcesses).
EndedProcesses EndProcesses(StageContext& context, SkipRule& rule);

/// Ends what EndProcesses() could not see: in the last halt every process but PID 1 and this one
/// gets TERM, and KILL after KILL_WAIT. Before that rc and its scripts live, which this would end:
/// then a line says that processes are left. `why`: EndedProcesses::unseen.
void EndUnseen(StageContext& context, std::error_code why);

}  // namespace curfew
