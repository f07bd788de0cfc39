// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>

#include "plan/dialect.h"
#include "plan/plan.h"
#include "plan/tree.h"

namespace curfew {

/// The value of an environment variable; empty if it is not set.
using Environment = std::function<std::string(const char* name)>;

/// Which change of level is meant, as the dialect reads the argument, init's environment and the
/// machine's state. `level` is empty where none of them says one. `already_stopped` is left empty.
Request MakeRequest(const Dialect& dialect, const std::string& argument, const Environment& value,
                    const MachineState& machine);

/// Whether the request is one more of a shutdown that is on its way: 6 turned into 0, or what
/// level 0 and 6 call themselves.
bool GoesOnDown(const Dialect& dialect, const Request& request);

}  // namespace curfew
