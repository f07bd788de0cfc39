// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// Runs, one after the other: the programs of /etc/curfew/final.d in the order of their names, with
/// the argument halt, poweroff, reboot or kexec; the command of HALT_POWERDOWN_INSERT; and before a
/// power-off `ups-monitor poweroff`, as Debian's halt script does. Each has 60 s. They and
/// Upstart's initctl (UpstartJobs) are the only programs that the final sequence executes (design,
/// rule R1), and nothing after them needs a file system.
void HooksStage(StageContext& context);

}  // namespace curfew
