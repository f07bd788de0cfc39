// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "kernel/kernel.h"
#include "kernel/process_info.h"

namespace curfew {

/// All processes but this one and the kernel's threads.
std::vector<ProcessInfo> OtherProcesses(Kernel& kernel);

/// For a line to people: the first three of `names`, and how many there are beside them.
std::string JoinedNames(const std::vector<std::string>& names);

}  // namespace curfew
