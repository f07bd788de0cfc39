// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "final/context/stage_context.h"
#include "kernel/process_info.h"

namespace curfew {

/// Stops (SIGSTOP) processes that write to a file system which is about to be made read-only by
/// force, and waits at most 1 s until all stand still, so that the calls they are in have ended.
/// They stay stopped: on a superblock that is read-only ext4's fsync(2) returns 0 and writes
/// nothing (ext4_sync_file() in Linux's fs/ext4/fsync.c), so that a writer would take for safe what
/// is lost. Left alone are PID 1, this process and its ancestors, and those that serve disks or
/// file systems: the last writes need them.
void StopWriters(StageContext& context, const std::vector<ProcessInfo>& writers);

}  // namespace curfew
