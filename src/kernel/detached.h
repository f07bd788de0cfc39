// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "kernel/result.h"

namespace curfew {

/// As Kernel::Detach.
Result<pid_t> StartDetached(const std::string& name, const std::vector<int>& keep,
                            const std::function<void()>& work);

}  // namespace curfew
