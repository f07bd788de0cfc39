// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "kernel/kernel.h"

namespace curfew {

/// KiB that the kernel has yet to write: Dirty, Writeback and NFS_Unstable of /proc/meminfo.
std::uint64_t UnwrittenKib(Kernel& kernel);

}  // namespace curfew
