// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "kernel/kernel.h"

namespace curfew {

/// `halt --dry-run`: a kernel that reads the machine and changes nothing. Each call that would
/// change something goes to `print` as a line without newline, and later reads answer as if the
/// call had succeeded: processes that were signalled are gone, unmounted mounts are not listed. So
/// the stages decide as they would.
std::unique_ptr<Kernel> MakeDryRunKernel(std::function<void(const std::string&)> print);

}  // namespace curfew
