// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "run/control_message.h"
#include "run/runner.h"

namespace curfew {

/// Does what `curfew skip` asks for, and says what became of it.
ControlAnswer Skip(const SkipRequest& request, const Plan& plan, Runner& runner);

}  // namespace curfew
