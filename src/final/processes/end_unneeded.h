// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// In the last halt: ends by the rules of the kill stage each process that nothing needs any more:
/// one that served what is unmounted by now, or that has appeared since. The files that such a
/// process has open keep a mount busy, and / writable. Returns whether one ended. Before the last
/// halt rc's scripts still run, and nothing is done.
bool EndUnneeded(StageContext& context);

}  // namespace curfew
