// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/storage/mountinfo.h"
#include "kernel/kernel.h"

namespace curfew {

/// Whether a FUSE daemon serves this mount.
bool IsFuse(const Mount& mount);

/// Cuts a file system off from its daemon, which does not answer: whoever waits for it gets an
/// error (kernel, Documentation/filesystems/fuse.rst). Within 1 s.
std::error_code AbortFuse(Kernel& kernel, const Mount& mount);

}  // namespace curfew
