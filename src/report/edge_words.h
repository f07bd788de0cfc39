// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "plan/plan.h"

namespace curfew {

/// One word: "depend", "header".
const char* EdgeWord(EdgeSource source);

/// For people, of an edge of `pass`: "/etc/init.d/.depend.stop", "rule: processes and file systems
/// end last".
std::string EdgeReason(EdgeSource source, const Pass& pass);

}  // namespace curfew
