// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "final/storage/mountinfo.h"

namespace curfew {

/// Whether `path` is `dir` or below it.
bool IsWithin(std::string_view path, std::string_view dir);

/// Whether `mount` is the mount `id`, or mounted on it or below it.
bool StandsOn(const Mount& mount, int id, const std::vector<Mount>& mounts);

/// What keeps the path of `mount` from reaching it: a mount at its point or above it, which it is
/// not mounted on. Null: nothing.
const Mount* CoverOf(const Mount& mount, const std::vector<Mount>& mounts);

/// Whether the data of a mount is on another machine, by its type or by `_netdev`, whose mount
/// points are in `netdev` (NetdevTargets()).
bool IsNetwork(const Mount& mount, const std::set<std::string>& netdev);

/// Whether the data of a mount is on a disk.
bool HasDisk(const Mount& mount);

/// Mount points with the option `_netdev` in the text of /run/mount/utab, where mount(8) writes the
/// options that the kernel does not know.
std::set<std::string> NetdevTargets(std::string_view utab);
/// The same, from the file.
std::set<std::string> ReadNetdevTargets(Files& files);

/// The mounts that may be unmounted, last mounted first. Left out are /, /usr, /proc, /sys, /dev
/// and /run, and below the last four all but disks and namespaces (nsfs), and below /run FUSE and
/// servers' file systems. Left out is also every line up to the last mount on /: these are the
/// parts of a union root, and what an initramfs left behind.
std::vector<Mount> Unmountable(const std::vector<Mount>& mounts);

/// The tmpfs that Unmountable() leaves and processes fill: /dev/shm, /run/shm, those below
/// /run/user. Last mounted first.
std::vector<Mount> SharedMemory(const std::vector<Mount>& mounts);

/// Which mounts go along with those of the network.
enum class AlsoUnmount {
  kNothing,
  /// As in Debian's umountnfs.sh: kernel interfaces (proc, sysfs, devpts ...) at unusual places.
  /// Services in a chroot need them, so that this is for a time when all processes have ended.
  kKernelInterfaces,
};

/// Those of Unmountable() that have to go before the network does: network mounts, what is mounted
/// below them, and `also`.
std::vector<Mount> NetworkMounts(const std::vector<Mount>& mounts,
                                 const std::set<std::string>& netdev, AlsoUnmount also);

/// The writable file systems on disks among `candidates`, one mount of each: one that its path
/// reaches, or else one that is covered (CoverOf()). A device that has another mount in `mounts`,
/// outside `candidates`, is left out: / is not made read-only through a bind mount of it.
std::vector<Mount> WritableDisks(const std::vector<Mount>& candidates,
                                 const std::vector<Mount>& mounts);

}  // namespace curfew
