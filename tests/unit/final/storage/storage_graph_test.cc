// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/storage_graph.h"

#include "check.h"
#include "scripted_kernel.h"

namespace storage_graph_test {
using namespace curfew;

namespace {

/// A machine whose mounts and block devices are given line by line.
class Machine : public ScriptedKernel {
 public:
  /// "number target type source [super options]"
  void AddMount(const std::string& line) {
    char device[20], target[99], type[30], source[99], super[99] = "rw";
    sscanf(line.c_str(), "%19s %98s %29s %98s %98s", device, target, type, source, super);
    files["/proc/self/mountinfo"] += std::to_string(++id_) + " 1 " + device + " / " + target +
                                     " rw - " + type + " " + source + " " + super + "\n";
  }
  void AddDevice(const std::string& name, const std::string& number,
                 const std::vector<std::string>& slaves = {}, const std::string& file = "") {
    const auto dir = "/sys/class/block/" + name;
    dirs["/sys/class/block"].push_back(name);
    files[dir + "/dev"] = number + "\n";
    dirs[dir + "/slaves"] = slaves;
    if (!file.empty()) files[dir + "/loop/backing_file"] = file + "\n";
  }

 private:
  int id_ = 0;
};

/// / on LUKS in a file of /host, which is on the first partition of a disk.
class Nested : public Machine {
 public:
  Nested() {
    AddDevice("sda", "8:0");
    AddDevice("sda1", "8:1");
    links["/sys/class/block/sda1"] = "../../devices/pci/block/sda/sda1";
    AddDevice("loop0", "7:0", {}, "/host/inner.img");
    AddDevice("dm-0", "253:0", {"loop0"});
    files["/sys/class/block/dm-0/dm/name"] = "vault\n";
    AddMount("253:0 / ext4 /dev/mapper/vault");
    AddMount("8:1 /host vfat /dev/sda1");
    AddMount("0:20 /run tmpfs run");
    files["/proc/swaps"] = "/host/swap file 9 0 -2\n";
  }
};

std::string Steps(const std::vector<std::vector<Mount>>& steps) {
  std::string text;
  for (const auto& step : steps) {
    for (const Mount& mount : step) text += mount.target + " ";
    text += "| ";
  }
  return text;
}

}  // namespace

TEST("a device stands on its slaves, a loop device on its file, a partition on its disk") {
  Nested machine;
  const auto graph = ReadStorage(machine);
  CHECK_EQ(graph.CarriersOf("253:0"), (std::set<std::string>{"7:0", "8:0", "8:1"}));
  CHECK_EQ(graph.CarriersOf("8:1"), (std::set<std::string>{"8:0"}));
  CHECK_EQ(graph.CarriersOf("0:20"), (std::set<std::string>{}));
}

TEST(
    "what the kernel keeps in use is named: swap files, loop devices, device mapper by its label") {
  Nested machine;
  const auto graph = ReadStorage(machine);
  CHECK_EQ(graph.UsersOf("8:1"), (std::vector<std::string>{"swap /host/swap", "loop0"}));
  CHECK_EQ(graph.UsersOf("7:0"), (std::vector<std::string>{"dm-0 (vault)"}));
}

TEST("the carried comes before the carrier, whatever was mounted first") {
  Nested machine;
  machine.AddDevice("loop1", "7:1", {}, "/srv/image");
  machine.AddMount("8:17 /srv ext4 /dev/sdb1");
  machine.AddMount("7:1 /mnt ext4 /dev/loop1");
  const auto graph = ReadStorage(machine);
  CHECK_EQ(Steps(graph.CarriedFirst(graph.mounts)), "/ /run /mnt | /host /srv | ");
}

TEST("what is carried over several steps goes step by step") {
  Machine machine;
  machine.AddMount("8:1 /a ext4 /dev/sda1");
  for (const char* step : {"0 /a b", "1 /b c", "2 /c d", "3 /d e"}) {
    const std::string n(1, step[0]), on(step + 2, 2), to(1, step[5]);
    machine.AddDevice("loop" + n, "7:" + n, {}, on + "/image");
    machine.AddMount("7:" + n + " /" + to + " ext4 /dev/loop" + n);
  }
  const auto graph = ReadStorage(machine);
  CHECK_EQ(Steps(graph.CarriedFirst(graph.mounts)), "/e | /d | /c | /b | /a | ");
}

TEST("an overlay stands on its layers, btrfs on the device it was mounted from") {
  Machine machine;
  machine.AddMount("0:30 / overlay o rw,lowerdir=/ro,upperdir=/media/a\\040b/up,workdir=/w");
  machine.AddMount("8:2 /ro ext4 /dev/sda2");
  machine.AddMount("8:3 /media/a\\040b ext4 /dev/sda3");
  machine.AddMount("0:31 /data btrfs /dev/loop0");
  machine.AddDevice("loop0", "7:0", {}, "/ro/image");
  const auto graph = ReadStorage(machine);
  CHECK_EQ(graph.CarriersOf("0:30"), (std::set<std::string>{"8:2", "8:3"}));
  CHECK_EQ(graph.CarriersOf("0:31"), (std::set<std::string>{"7:0", "8:2"}));
}

TEST("the file of a loop device belongs to the deepest mount, the last one there") {
  Machine machine;
  machine.AddMount("8:1 / ext4 /dev/a");
  machine.AddMount("8:2 /srv ext4 /dev/b");
  machine.AddMount("8:3 /srv ext4 /dev/c");
  machine.AddMount("8:4 /srv/dir ext4 /dev/d");
  machine.AddDevice("loop0", "7:0", {}, "/srv/dirfile");
  CHECK_EQ(ReadStorage(machine).CarriersOf("7:0"), (std::set<std::string>{"8:3"}));
}

TEST("devices in a ring and an empty /sys end nothing") {
  Machine machine;
  machine.AddMount("8:1 /a ext4 /dev/a");
  machine.AddMount("8:2 /b ext4 /dev/b");
  machine.AddDevice("a", "8:1", {"b"});
  machine.AddDevice("b", "8:2", {"a"});
  const auto graph = ReadStorage(machine);
  CHECK_EQ(Steps(graph.CarriedFirst(graph.mounts)), "/a /b | ");
  ScriptedKernel empty;
  CHECK(ReadStorage(empty).Used().empty());
}

TEST("a loop device on a disk stands on that disk, not on the tmpfs of /dev") {
  Machine machine;
  machine.AddMount("0:5 /dev devtmpfs udev");
  machine.AddDevice("sdb", "8:16");
  machine.AddDevice("loop0", "7:0", {}, "/dev/sdb");
  CHECK_EQ(ReadStorage(machine).CarriersOf("7:0"), (std::set<std::string>{"8:16"}));
}

TEST("btrfs stands on all its devices, whichever it was mounted from") {
  Machine machine;
  machine.AddMount("0:31 /data btrfs /dev/mapper/first");
  machine.AddDevice("dm-0", "253:0");
  machine.files["/sys/class/block/dm-0/dm/name"] = "first\n";
  machine.AddDevice("sdb", "8:16");
  machine.AddDevice("sdc", "8:32");
  machine.dirs["/sys/fs/btrfs"] = {"features", "1234-abcd"};
  machine.dirs["/sys/fs/btrfs/1234-abcd/devices"] = {"dm-0", "sdb"};
  const auto graph = ReadStorage(machine);
  CHECK_EQ(graph.CarriersOf("0:31"), (std::set<std::string>{"253:0", "8:16"}));
  CHECK_EQ(graph.Mounted(), (std::set<std::string>{"0:31", "253:0", "8:16"}));
}

TEST("a swap area holds storage if it is a file, or something that is taken down stands below it") {
  Nested machine;
  machine.AddDevice("nbd0", "43:0");
  machine.files["/sys/class/block/nbd0/pid"] = "812\n";
  machine.AddDevice("nbd0p1", "43:1");
  machine.links["/sys/class/block/nbd0p1"] = "../../devices/virtual/block/nbd0/nbd0p1";
  machine.AddDevice("sda2", "8:2");
  machine.links["/sys/class/block/sda2"] = "../../devices/pci/block/sda/sda2";
  machine.AddDevice("zram0", "252:0");
  machine.AddDevice("zram1", "252:1");
  machine.files["/sys/class/block/zram1/backing_dev"] = "/dev/loop0\n";
  const auto graph = ReadStorage(machine);
  auto holds = [&](const char* path, bool file = false) {
    return graph.HoldsStorage({.path = path, .is_file = file});
  };
  CHECK(holds("/host/swap", true));
  CHECK(holds("/dev/nbd0p1"));
  CHECK(holds("/dev/zram1"));
  CHECK(holds("/dev/dm-0"));
  CHECK(!holds("/dev/sda2"));
  CHECK(!holds("/dev/zram0"));
}

TEST("used is what mounts, swap, active devices and used partitions stand on") {
  Nested machine;
  machine.AddDevice("loop1", "7:1", {}, "/run/image");
  machine.AddDevice("loop1p1", "259:0");
  machine.links["/sys/class/block/loop1p1"] = "../../devices/virtual/block/loop1/loop1p1";
  const auto unused = ReadStorage(machine).Used();
  CHECK(unused.contains("7:0") && unused.contains("8:1") && unused.contains("253:0"));
  CHECK(!unused.contains("7:1"));
  machine.AddMount("259:0 /mnt ext4 /dev/loop1p1");
  CHECK(ReadStorage(machine).Used().contains("7:1"));
}

TEST("a device is on a file system through any number of others, but only while it is active") {
  Nested machine;
  CHECK(ReadStorage(machine).HasDeviceOn("8:1"));
  CHECK(!ReadStorage(machine).HasDeviceOn("253:0"));
  machine.AddDevice("loop7", "7:7");
  CHECK(!ReadStorage(machine).HasDeviceOn("0:20"));
}

}  // namespace storage_graph_test
