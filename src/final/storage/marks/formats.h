// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/storage/marks/mark.h"

/// The marks of each format. All are pure functions of the bytes: they trust no length of the disk,
/// read a bounded number of bytes, and take for unknown what has a wrong magic number or checksum.
namespace curfew {

/// ext2, ext3, ext4: s_state, and needs_recovery of the features (Linux fs/ext4/ext4.h).
Mark ExtMark(const MarkReader& device);

/// The last record of the log is an unmount record, as xlog_check_unmount_rec() tests it (Linux
/// fs/xfs/xfs_log_recover.c). `log`: the device of an external log; null: none is known.
Mark XfsMark(const MarkReader& device, const MarkReader* log = nullptr);

/// No tree log is left of fsync(2) that a mount has to replay (Linux fs/btrfs/accessors.h). The
/// first superblock counts, as for the kernel: a tree log is written to that one alone.
Mark BtrfsMark(const MarkReader& device);

/// The dirty bit of the boot sector, which Linux sets, and that of FAT[1], which Windows sets
/// (Microsoft's "FAT: General Overview of On-Disk Format"; Linux fs/fat/inode.c). Linux clears its
/// bit only if it was clear at the mount.
Mark VfatMark(const MarkReader& device);

/// CP_UMOUNT_FLAG of the newest checkpoint that is whole (Linux fs/f2fs/checkpoint.c).
Mark F2fsMark(const MarkReader& device);

/// An md array by the superblock of one member, of version 0.90, 1.0, 1.1 or 1.2 (Linux
/// drivers/md/md.c). The versions at the end need the size of the device.
Mark MdMark(const MarkReader& member);

/// CLEAN_SHUTDOWN in the superblock of the metadata of dm-cache (Linux
/// drivers/md/dm-cache-metadata.c).
Mark DmCacheMark(const MarkReader& metadata);

}  // namespace curfew
