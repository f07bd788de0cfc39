// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/storage/mountinfo.h"
#include "kernel/kernel.h"

namespace curfew {

/// Whether a FUSE daemon serves this mount.
bool IsFuse(const Mount& mount);

/// Cuts a file system off from its daemon, within 1 s: processes that wait for the daemon get an
/// error (Linux Documentation/filesystems/fuse.rst).
std::error_code AbortFuse(Kernel& kernel, const Mount& mount);

/// Unmounts what FUSE daemons serve, so that these end; aborts what does not unmount within 2 s.
/// Returns whether there was any such mount.
bool UnmountFuse(Kernel& kernel);

}  // namespace curfew
