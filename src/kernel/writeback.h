// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "kernel/files.h"

namespace curfew {

/// KiB that the kernel has yet to write: Dirty, Writeback and NFS_Unstable of /proc/meminfo.
std::uint64_t UnwrittenKib(Files& files);

/// Writes and flushes that the machine's disks have completed since the boot; only its growth says
/// something: /proc/diskstats has partitions beside their disks.
std::uint64_t CompletedWrites(Files& files);

/// Reads that the machine's disks have completed since the boot; as above.
std::uint64_t CompletedReads(Files& files);

/// How often a process has begun to wait, voluntary_ctxt_switches of /proc/PID/status: one that is
/// in D both times is in another wait if it has grown. 0: not known.
std::uint64_t WaitsBegun(Files& files, pid_t pid);

}  // namespace curfew
