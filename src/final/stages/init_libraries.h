// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "final/context/stage_context.h"

namespace curfew {

/// Whether the text of /proc/PID/maps names a file that was deleted: it keeps its file system
/// writable. Memory that only looks like a file (memfd, SysV shared memory, /dev/zero) does not.
bool MapsDeletedFile(std::string_view maps);

/// An upgraded libc leaves PID 1 with deleted files. Asks sysvinit to execute itself anew
/// (`telinit u`) and waits up to 1 s until the files are gone.
void RenewInit(StageContext& context);

}  // namespace curfew
