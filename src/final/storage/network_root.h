// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "kernel/kernel.h"

namespace curfew {

/// What would be lost with the network, for people: a mount point whose file system comes over it
/// (a network file system, or a disk that is, or lies on, iSCSI, NBD, RBD or NVMe over fabrics), or
/// a disk of iSCSI or of NVMe over fabrics: the kernel's own shutdown would wait for it for
/// minutes. Empty: nothing would.
std::string NeedsNetwork(Kernel& kernel);

}  // namespace curfew
