// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <string>

#include "kernel/files.h"

namespace curfew {

/// The group that may read logs, adm, as /etc/group below `root` has it; without one 0, root's own.
/// NSS is not asked: it may need the network.
gid_t LogReaders(Files& files, const std::string& root);

}  // namespace curfew
