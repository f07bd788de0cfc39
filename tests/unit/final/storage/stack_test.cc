// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/stack.h"

#include "check.h"

namespace stack_test {
using namespace curfew;

namespace {

std::string TextOf(const StorageGraph& graph, const std::string& line) {
  return DeviceText(graph, ParseMountInfo("9 1 " + line).at(0));
}

/// / on a partition, a volume over two disks, a loop file on the latter.
StorageGraph Machine() {
  StorageGraph graph;
  graph.mounts = ParseMountInfo(
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 253:1 / /srv rw - ext4 /dev/mapper/vg-srv rw\n");
  graph.devices = {{.name = "sda", .number = "8:0"},
                   {.name = "sda1", .number = "8:1", .below = {"sda"}},
                   {.name = "sdb", .number = "8:16"},
                   {.name = "sdc", .number = "8:32"},
                   {.name = "md0", .number = "9:0", .below = {"sdb", "sdc"}},
                   {.name = "dm-1", .number = "253:1", .label = "vg-srv", .below = {"md0"}},
                   {.name = "loop0", .number = "7:0", .file = "/srv/image"},
                   {.name = "nvme0n1", .number = "259:0"}};
  return graph;
}

}  // namespace

TEST("stack: a disk and a partition are their own name; what hides its disks shows them") {
  const StorageGraph graph = Machine();
  CHECK_EQ(TextOf(graph, "8:1 / / rw - ext4 /dev/sda1 rw"), "/dev/sda1");
  CHECK_EQ(TextOf(graph, "8:1 / / rw - ext4 /dev/root rw"), "/dev/sda1");
  CHECK_EQ(TextOf(graph, "259:0 / /n rw - xfs /dev/nvme0n1 rw"), "/dev/nvme0n1");
  CHECK_EQ(TextOf(graph, "253:1 / /srv rw - ext4 /dev/mapper/vg-srv rw"),
           "/dev/mapper/vg-srv on sdb, sdc");
  CHECK_EQ(TextOf(graph, "7:0 / /m rw - ext4 /dev/loop0 rw"),
           "/dev/loop0 of /srv/image on sdb, sdc");
  CHECK_EQ(DeviceText(graph, graph.devices[6]), "/dev/loop0 of /srv/image on sdb, sdc");
  CHECK_EQ(TextOf(graph, "0:40 / /mnt rw - nfs server:/x rw"), "server:/x");
  CHECK_EQ(TextOf(StorageGraph(), "8:1 / / rw - ext4 /dev/sda1 rw"), "/dev/sda1");
}

TEST("stack: more than four disks are counted") {
  StorageGraph graph;
  BlockDevice array{.name = "md0", .number = "9:0"};
  for (int i = 0; i < 6; ++i) {
    array.below.push_back("d" + std::to_string(i));
    graph.devices.push_back({.name = array.below.back(), .number = "8:" + std::to_string(i)});
  }
  graph.devices.push_back(array);
  CHECK_EQ(TextOf(graph, "9:0 / /m rw - ext4 /dev/md0 rw"),
           "/dev/md0 on d0, d1, d2, d3 and 2 more");
  CHECK_EQ(DisksBelow(graph, "9:0").size(), 6u);
  CHECK_EQ(DisksBelow(graph, "8:3").at(0)->name, "d3");
}

}  // namespace stack_test
