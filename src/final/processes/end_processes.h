// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

#include "final/context/stage_context.h"
#include "final/processes/choice.h"

namespace curfew {

/// Ends all processes but those that `spared` names: TERM to each, HUP also to those with a
/// controlling terminal, KILL_WAIT to obey, then KILL. Whoever makes progress has more time: ten
/// times KILL_WAIT, FINAL_BUDGET at the most. A process that hangs in the kernel (state D) costs
/// 2 s and is named with what it waits for (Triage). Just before KILL `before_kill` may do what
/// lets the rest end by itself, and says whether it did. Returns how many have ended.
int EndProcesses(StageContext& context, Choice& spared,
                 const std::function<bool()>& before_kill = {});

}  // namespace curfew
