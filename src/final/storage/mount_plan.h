// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "final/storage/mountinfo.h"

namespace curfew {

/// Whether `path` is `dir` or below it.
bool IsWithin(std::string_view path, std::string_view dir);

/// File systems whose data lives on another machine, by type or by `_netdev` (see NetdevTargets).
bool IsNetwork(const Mount& mount, const std::set<std::string>& netdev);

/// Whether a disk of this machine is behind a mount.
bool HasDisk(const Mount& mount);

/// Mount points with the option `_netdev` in the text of /run/mount/utab, where mount(8) keeps the
/// options that the kernel does not know.
std::set<std::string> NetdevTargets(std::string_view utab);
std::set<std::string> ReadNetdevTargets(Kernel& kernel);

/// What may be unmounted, last mounted first: never /, /usr, /proc, /sys, /dev, /run and what is
/// below the last four, and nothing up to the last ` / ` line: the parts of a union root and what
/// an initramfs left.
std::vector<Mount> Unmountable(const std::vector<Mount>& mounts);

/// Of those, what has to go before the network does: network mounts, what is mounted below them,
/// and kernel interfaces (proc, sysfs, devpts ...) at unusual places, as umountnfs.sh has it.
std::vector<Mount> NetworkMounts(const std::vector<Mount>& mounts,
                                 const std::set<std::string>& netdev);

/// Local file systems with a disk behind them that are still writable, one mount of each that its
/// path reaches. Those in `mounts` whose device also carries something outside `candidates` are
/// left out: / is not made read-only through a bind mount of it.
std::vector<Mount> WritableDisks(const std::vector<Mount>& candidates,
                                 const std::vector<Mount>& mounts,
                                 const std::set<std::string>& netdev);

}  // namespace curfew
