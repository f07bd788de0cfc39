// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "final/storage/storage_graph.h"

/// What a file system stands on, down to its disks, for people and for calls on the disks.
namespace curfew {

/// The disks at the bottom of `number` ("8:1", "253:0"), itself if it is one: devices that stand on
/// no other one and on no file. In the order of the graph.
std::vector<const BlockDevice*> DisksBelow(const StorageGraph& graph, const std::string& number);

/// The device of a mount: "/dev/sdb1", "server:/"; with its disks where the name does not tell
/// them: "/dev/mapper/vault on sda, sdb"; with its file: "/dev/loop0 of /srv/image on sdb". Empty
/// if the mount has no source.
std::string DeviceText(const StorageGraph& graph, const Mount& mount);

/// The same for a loop device: "/dev/loop0 of /srv/image on sdb".
std::string DeviceText(const StorageGraph& graph, const BlockDevice& device);

}  // namespace curfew
