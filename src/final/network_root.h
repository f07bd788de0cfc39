// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "kernel/kernel.h"

namespace curfew {

/// "/" or "/usr" if that file system needs the network: a network file system, or a block device
/// that is, or lies on, iSCSI, NBD, RBD or NVMe over fabrics. Empty: neither does.
std::string NetworkRoot(Kernel& kernel);

}  // namespace curfew
