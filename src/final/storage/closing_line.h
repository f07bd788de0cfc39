// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "final/context/stage_context.h"

namespace curfew {

/// The last line of a shutdown on its data: all file systems are clean, or which are not, why, and
/// who holds them; four by name. It repeats what the stages have seen, here or in an earlier halt
/// of this shutdown, and asks no device.
std::string ClosingLine(StageContext& context);

}  // namespace curfew
