// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "final/context/stage_context.h"
#include "final/storage/mountinfo.h"

/// System calls on mounts, as more than one stage makes them.
namespace curfew {

/// The MS_* flags of the mount itself (nosuid, noatime ...). A remount has to repeat them: it
/// clears a flag that it does not name, which a user namespace may not do.
unsigned long MountFlags(const Mount& mount);

/// umount2(2) of this mount, never of another one at its place. Call it in a child: it may hang.
std::error_code Unmount(Kernel& kernel, const Mount& mount, int flags = 0);

/// syncfs(2) through this mount. Call it in a child: it may hang.
std::error_code SyncMount(Kernel& kernel, const Mount& mount);

/// Makes the whole file system read-only through this mount of it. Call it in a child: it may hang.
std::error_code RemountReadOnly(Kernel& kernel, const Mount& mount);

/// The same; what it could not write is its answer, even though it is read-only then: remount(2)
/// and umount(2) do not report write errors, syncfs(2) does (since Linux 5.8).
std::error_code MakeReadOnly(Kernel& kernel, const Mount& mount);

/// The same, with syncfs(2) before it: a file system that refuses to become read-only is written
/// back all the same.
std::error_code SyncAndMakeReadOnly(Kernel& kernel, const Mount& mount);

/// Makes this one mount read-only, which is all that a container may do with a file system of its
/// host.
std::error_code BindReadOnly(Kernel& kernel, const Mount& mount);

/// FIFREEZE: closes the journal, lets later writes wait. No error if it is frozen already. Call it
/// in a child: it may hang.
std::error_code FreezeMount(Kernel& kernel, const Mount& mount);

/// Writes everything back, then has ext4, xfs or f2fs end: the log is written to the disk, and
/// later calls fail. errc::operation_not_supported for other types. Call it in a child: it may
/// hang.
std::error_code ShutDownMount(Kernel& kernel, const Mount& mount);

/// FITHAW; EINVAL if it is not frozen. Call it in a child: it may hang.
std::error_code ThawMount(Kernel& kernel, const Mount& mount);

/// Has the kernel make all file systems on block devices read-only, whoever writes to them (sysrq
/// u): their journals are closed. Waits at most 10 s without write-back and 60 s in all. Returns
/// whether it was asked.
bool ForceReadOnly(StageContext& context);

/// Takes mounts that do not answer out of the way, all within 1 s: aborts their FUSE connection,
/// then unmounts them by force and lazily.
void ForceOff(StageContext& context, const std::vector<Mount>& mounts);

/// Whether this error of syncfs(2) or fsync(2) means lost data: no space, or what the block layer
/// says of a failed request (Linux block/blk-core.c, blk_errors). The kernel reports such an error
/// once and drops the pages (syncfs(2); Linux Documentation/core-api/errseq.rst). ETIMEDOUT is none
/// of them: it counts as a missed limit.
bool IsWriteError(std::error_code error);

/// Tells the trace that something on `target` could not be written, and the closing line, with
/// `device` and `why`. Says nothing.
void RecordUnwritten(StageContext& context, const std::string& target, const std::string& error,
                     const std::string& why, const std::string& device = {});

/// Says and records that something could not be written to `device` at the mount point `target`;
/// one of the two may be empty.
void ReportLoss(StageContext& context, const std::string& device, const std::string& target,
                std::error_code error);

/// ReportLoss() for each mount whose error is a write error.
void ReportWriteErrors(StageContext& context, const std::vector<Mount>& mounts,
                       const std::vector<std::error_code>& errors);

/// In a container: makes all its mounts private, so that what is unmounted here stays where other
/// mount namespaces share it. Elsewhere does nothing.
void MakeMountsPrivate(StageContext& context);

}  // namespace curfew
