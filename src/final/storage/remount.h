// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/storage/mountinfo.h"

namespace curfew {

/// The MS_* flags of the mount itself (nosuid, noatime ...). A remount has to repeat them: what it
/// leaves out is taken away, and in a user namespace that is refused.
unsigned long MountFlags(const Mount& mount);

/// Makes the whole file system read-only, through this mount of it. May block: rule R2.
std::error_code RemountReadOnly(Kernel& kernel, const Mount& mount);

/// Makes this one mount read-only; all that a container may do with a file system of its host.
std::error_code BindReadOnly(Kernel& kernel, const Mount& mount);

}  // namespace curfew
