// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/device_users.h"

#include "check.h"
#include "scripted_kernel.h"

namespace device_users_test {
using namespace curfew;

namespace {

/// "TEXT" of each user of a number, "(TEXT)" of one that is devices alone, with "; " between them.
std::string Users(const StorageGraph& graph, const std::string& number,
                  const std::vector<KernelOpen>& opens = {}) {
  std::string text;
  for (const KernelUser& user : DeviceUsers(graph, opens).Of(number))
    text += (text.empty() ? "" : "; ") + (user.only_devices ? "(" + user.text + ")" : user.text);
  return text;
}

/// A disk 8:1 at / with the file of loop0, on that a volume group of two volumes.
StorageGraph Volumes() {
  StorageGraph graph;
  graph.mounts = ParseMountInfo("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
  graph.devices = {{.name = "sda", .number = "8:0"},
                   {.name = "sda1", .number = "8:1", .below = {"sda"}},
                   {.name = "loop0", .number = "7:0", .file = "/image"},
                   {.name = "loop0p1", .number = "259:0", .below = {"loop0"}},
                   {.name = "dm-0", .number = "253:0", .label = "vg-a", .below = {"loop0"}},
                   {.name = "dm-1", .number = "253:1", .label = "vg-b", .below = {"loop0"}}};
  return graph;
}

}  // namespace

TEST("each chain of devices is named to its end: device, mount, swap; an unused partition is not") {
  auto graph = Volumes();
  CHECK_EQ(Users(graph, "8:1"), "(loop0 -> dm-0 \"vg-a\"); (loop0 -> dm-1 \"vg-b\")");
  CHECK_EQ(Users(graph, "8:0"),
           "(sda1 -> loop0 -> dm-0 \"vg-a\"); (sda1 -> loop0 -> dm-1 \"vg-b\"); sda1 -> /");
  graph.mounts.push_back(ParseMountInfo("2 1 253:0 / /a rw - ext4 /dev/dm-0 rw\n").at(0));
  graph.mounts.push_back(ParseMountInfo("3 1 253:0 /x /b rw - ext4 /dev/dm-0 rw\n").at(0));
  graph.mounts.push_back(ParseMountInfo("4 1 0:9 / /fs rw - btrfs /dev/loop0p1 rw\n").at(0));
  graph.swaps = ParseSwaps("/dev/dm-1 partition 9 0 -2\n");
  CHECK_EQ(Users(graph, "8:1"),
           "loop0 -> loop0p1 -> /fs; loop0 -> dm-0 \"vg-a\" -> /a; "
           "loop0 -> dm-1 \"vg-b\" -> swap /dev/dm-1");
  CHECK_EQ(Users(graph, "253:0"), "");  // Its own mounts are no users.
}

TEST("a device that two chains reach is followed once, and devices in a ring end") {
  auto graph = Volumes();
  graph.devices.push_back({.name = "md1", .number = "9:1", .below = {"dm-0", "dm-1"}});
  graph.devices.push_back({.name = "dm-2", .number = "253:2", .below = {"md1", "dm-2", "dm-3"}});
  graph.devices.push_back({.name = "dm-3", .number = "253:3", .below = {"dm-2"}});
  CHECK_EQ(Users(graph, "7:0"),
           "(dm-0 \"vg-a\" -> md1 -> dm-2 -> dm-3 -> dm-2); (dm-1 \"vg-b\" -> md1)");
}

TEST("an overlay holds what it stands on") {
  auto graph = Volumes();
  graph.mounts.push_back(
      ParseMountInfo("2 1 0:40 / /merged rw - overlay o rw,lowerdir=/ro,upperdir=/up\n").at(0));
  graph.devices.clear();
  CHECK_EQ(Users(graph, "8:1"), "overlay /merged");
}

TEST("who serves a device to others ends its chain, and zram stands on its backing device") {
  auto graph = Volumes();
  graph.devices.resize(5);
  graph.devices.push_back({.name = "zram0", .number = "252:0"});
  CHECK_EQ(Users(graph, "8:1", {{"LIO iblock_0/lun", "/dev/mapper/vg-a", true}}),
           "loop0 -> dm-0 \"vg-a\" -> LIO iblock_0/lun");
  graph.swaps = ParseSwaps("/dev/zram0 partition 9 0 -2\n");
  CHECK_EQ(Users(graph, "7:0", {{"zram0", "/dev/dm-0", true}, {"nvmet s/1", "/dev/none", true}}),
           "dm-0 \"vg-a\" -> zram0 -> swap /dev/zram0");
}

TEST("what the kernel has open: enabled backstores by device or file, namespaces of nvmet, zram") {
  ScriptedKernel kernel;
  const std::string core = "/sys/kernel/config/target/core",
                    nvme = "/sys/kernel/config/nvmet/subsystems";
  kernel.dirs[core] = {"alua", "fileio_0", "iblock_1"};
  kernel.dirs[core + "/fileio_0"] = {"hba_info", "lun", "off"};
  kernel.dirs[core + "/iblock_1"] = {"disk"};
  for (const char* name : {"/fileio_0/lun", "/iblock_1/disk"})
    kernel.files[core + name + "/enable"] = "1\n";
  kernel.files[core + "/fileio_0/off/enable"] = "0\n";
  kernel.files[core + "/fileio_0/off/udev_path"] = "/off\n";
  kernel.files[core + "/fileio_0/lun/info"] =
      "Status: ACTIVATED  Max Queue Depth: 0\n"
      "        TCM FILEIO ID: 0        File: /srv/a lun  Size: 1048576  Mode: O_DSYNC Async: 0\n";
  kernel.files[core + "/iblock_1/disk/info"] = "iBlock device: dm-0  Size: 2048\n";
  kernel.files[core + "/iblock_1/disk/udev_path"] = "/dev/dm-0\n";
  kernel.dirs[nvme] = {"s"};
  kernel.dirs[nvme + "/s/namespaces"] = {"1", "2"};
  kernel.files[nvme + "/s/namespaces/1/enable"] = "1\n";
  kernel.files[nvme + "/s/namespaces/1/device_path"] = "/dev/sdb\n";
  kernel.dirs["/sys/class/block"] = {"zram0", "zram1"};
  kernel.files["/sys/class/block/zram0/backing_dev"] = "/dev/loop7\n";
  kernel.files["/sys/class/block/zram1/backing_dev"] = "none\n";
  std::string text;
  for (const KernelOpen& open : ReadKernelOpens(kernel)) text += open.name + "=" + open.path + ";";
  CHECK_EQ(text,
           "LIO fileio_0/lun=/srv/a lun;LIO iblock_1/disk=/dev/dm-0;nvmet s/1=/dev/sdb;"
           "zram0=/dev/loop7;");
}

}  // namespace device_users_test
