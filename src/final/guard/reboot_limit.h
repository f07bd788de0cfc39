// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>

#include "kernel/kernel.h"

namespace curfew {

/// How long the kernel may take after reboot(2) until a driver logs a line or the machine ends: the
/// longest of limits::kReboot, the longest shutdown that an NVMe drive of this machine asks for
/// (RTD3E) with limits::kAfterNvme, and limits::kRebootRaid if a RAID controller's driver is bound.
std::chrono::seconds RebootLimit(Kernel& kernel);

}  // namespace curfew
