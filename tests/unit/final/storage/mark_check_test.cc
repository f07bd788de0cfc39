// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/mark_check.h"

#include "check.h"
#include "final/storage/closing_line.h"
#include "final/storage/marked_device.h"
#include "final_stage_test.h"

namespace mark_check_test {
using namespace curfew;

namespace {

const std::string kRoot = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n";
const std::string kDirtyLine =
    "/srv: ext4 on sda2 is not clean: its journal still has to be replayed";

/// A machine with / on sda1 and /srv on sda2, whose marks a test chooses.
class Machine : public StageTest {
 public:
  Mark mark = Dirty("its journal still has to be replayed");
  std::vector<std::string> reads;  ///< "TYPE NUMBER LOG"
  DeadDevices dead{context};
  MarkCheck check{
      context, dead,
      [this](const std::string& type, const std::string& number, const std::string& log) {
        reads.push_back(type + " " + number + " " + log);
        return mark;
      }};

  Machine() {
    AddDevice("sda1", "8:1");
    AddDevice("sda2", "8:2");
    Srv("8:2", "ext4", "/dev/sda2", "rw");
  }
  void AddDevice(const std::string& name, const std::string& number) {
    kernel.dirs["/sys/class/block"].push_back(name);
    kernel.files["/sys/class/block/" + name + "/dev"] = number + "\n";
  }
  void Srv(const std::string& number, const std::string& type, const std::string& source,
           const std::string& options) {
    Mounts("2 1 " + number + " / /srv rw - " + type + " " + source + " " + options + "\n");
  }
  void Mounts(const std::string& lines) { kernel.files["/proc/self/mountinfo"] = kRoot + lines; }
  void Watch() {
    const StorageGraph graph = ReadStorage(kernel);
    check.Watch({graph.mounts.back()}, graph);
  }
  std::string Closing() { return MakeClosingLine(context).left; }
};

}  // namespace

TEST(
    "marks: a file system that is read-only and not clean is said, traced and in the closing "
    "line") {
  Machine test;
  test.Watch();
  test.check.Prove();
  CHECK(test.reads.empty());
  test.Srv("8:2", "ext4", "/dev/sda2", "ro");
  test.check.Prove();
  test.check.Prove();
  CHECK_EQ(test.reads, std::vector<std::string>{"ext4 8:2 "});
  CHECK_EQ(test.said, std::vector<std::string>{kDirtyLine});
  CHECK_EQ(test.events, std::vector<std::string>{
                            "mark /srv ext4 sda2 dirty its journal still has to be replayed"});
  CHECK_EQ(test.Closing(), "/srv: ext4 on sda2 (its journal still has to be replayed)");
}

TEST("marks: one that a later look finds clean does not count, others stay") {
  Machine test;
  test.kernel.files["/run/curfew/unwritten"] = "/data (Input/output error)\n";
  test.Watch();
  test.Srv("8:2", "ext4", "/dev/sda2", "ro");
  test.check.Prove();
  test.Srv("8:2", "ext4", "/dev/sda2", "rw");
  test.Watch();
  test.Mounts("");
  test.mark = kCleanMark;
  test.check.Prove();
  CHECK_EQ(test.said.size(), 1U);
  CHECK_EQ(test.events.back(), "mark /srv ext4 sda2 clean ");
  CHECK_EQ(test.Closing(), "/data (Input/output error)");
}

TEST("marks: what was read-only before, is unknown, or has no mark is no fault") {
  Machine test;
  test.Srv("8:2", "ext4", "/dev/sda2", "ro");
  test.Watch();
  test.Srv("8:2", "jfs", "/dev/sda2", "rw");
  test.Watch();
  test.Mounts("");
  test.check.Prove();
  CHECK(test.reads.empty() && test.events.empty());
  test.Srv("8:2", "ext4", "/dev/sda2", "rw");
  test.mark = kUnknownMark;
  test.Watch();
  test.Mounts("");
  test.check.Prove();
  CHECK_EQ(test.events, std::vector<std::string>{"mark /srv ext4 sda2 unknown "});
  CHECK(test.said.empty() && test.Closing().empty());
}

TEST("marks: what was unclean at its mount is told so, and is no fault of this shutdown") {
  Machine test;
  test.Srv("8:2", "vfat", "/dev/sda2", "rw");
  test.mark = DirtyBefore("its dirty bit is set");
  test.Watch();
  test.Srv("8:2", "vfat", "/dev/sda2", "ro");
  test.check.Prove();
  CHECK_EQ(test.said, std::vector<std::string>{"/srv: vfat on sda2 was not clean when it was "
                                               "mounted: its dirty bit is set"});
  CHECK(test.Closing().empty());
}

TEST("marks: one that another namespace has in use is read when the kernel lets go of it") {
  Machine test;
  test.Watch();
  test.Mounts("");
  test.kernel.dirs["/sys/fs"] = {"ext4"};
  test.kernel.dirs["/sys/fs/ext4"] = {"sda1", "sda2", "features"};
  test.check.Prove();
  CHECK(test.reads.empty());
  test.kernel.dirs["/sys/fs/ext4"] = {"sda1"};
  test.check.Prove();
  CHECK_EQ(test.reads.size(), 1U);
}

TEST("marks: a second mount of the file system keeps it open, and a frozen one is read as it is") {
  Machine test;
  test.Watch();
  test.Mounts("3 1 8:2 /a /mnt ro - ext4 /dev/sda2 rw\n");
  test.check.Prove();
  CHECK(test.reads.empty());
  test.check.Prove({"8:2"});
  CHECK_EQ(test.reads.size(), 1U);
}

TEST("marks: btrfs is read on a device of it, an external log of xfs is found") {
  Machine test;
  test.Srv("0:45", "btrfs", "/dev/sda2", "rw");
  test.Watch();
  test.Mounts("");
  test.check.Prove();
  test.AddDevice("sdb", "8:16");
  test.Srv("8:2", "xfs", "/dev/sda2", "rw,attr2,logdev=/dev/sdb,noquota");
  test.Watch();
  test.Mounts("");
  test.check.Prove();
  CHECK_EQ(test.reads, (std::vector<std::string>{"btrfs 8:2 ", "xfs 8:2 8:16"}));
}

TEST("marks: a dead device is not read, and one that hangs is dead from then on") {
  Machine test;
  test.dead.Remember("8:2", "/srv");
  test.Watch();
  test.Mounts("");
  test.check.Prove();
  CHECK(test.reads.empty() && test.said.empty());
  Machine hangs;
  hangs.Watch();
  hangs.Mounts("");
  hangs.kernel.children_hang = true;
  hangs.check.Prove();
  CHECK(hangs.dead.Contains("8:2"));
  CHECK_EQ(hangs.events.back(), "mark /srv ext4 sda2 unknown ");
}

TEST("marks: a file system that only force closed is told by its device") {
  Machine test;
  test.check.Prove({HiddenFileSystem{"ext4 on sda2", "8:2"}});
  CHECK_EQ(test.said, std::vector<std::string>{
                          "ext4 on sda2 is not clean: its journal still has to be replayed"});
}

TEST("marks: in a container no device is read") {
  Machine test;
  test.request.container = true;
  test.Watch();
  test.Mounts("");
  test.check.Prove();
  CHECK(test.reads.empty());
}

TEST("marks: a name in /dev that leads to no device of that number is not opened") {
  StageTest test;
  test.kernel.files["/sys/dev/block/8:2/uevent"] = "MAJOR=8\nMINOR=2\nDEVNAME=sda2\n";
  test.kernel.files["/dev/sda2"] = "a file";
  CHECK_EQ(DevicePath(test.kernel, "8:2"), "");
  CHECK_EQ(ReadMarkOf(test.kernel, "ext4", "8:2").state, MarkState::kUnknown);
  CHECK(test.kernel.open_paths.empty());
}

TEST("marks: the members of a stopped array and the metadata of a removed cache are proved") {
  Machine test;
  test.AddDevice("dm-1", "253:1");
  const BlockDevice array{.name = "md0", .kind = DeviceKind::kRaid, .below = {"sda1", "sda2"}};
  const BlockDevice cache{
      .name = "dm-2", .kind = DeviceKind::kMapped, .label = "cached", .below = {"dm-1"}};
  const auto busy = std::make_error_code(std::errc::device_or_resource_busy);
  const StorageGraph graph = ReadStorage(test.kernel);
  test.mark = Dirty("it was not stopped");
  test.check.Prove({{array, {}}, {cache, busy}}, graph);
  CHECK_EQ(test.reads, (std::vector<std::string>{"md 8:1 ", "md 8:2 "}));
  CHECK(test.Said("md0: md on sda1 is not clean: it was not stopped"));
  test.mark = kCleanMark;
  test.check.Prove({{cache, {}}}, graph);
  CHECK_EQ(test.events.back(), "mark dm-2 (cached) dm-cache dm-1 clean ");
}

TEST("marks: a device that was taken down and bears no mark below is not mentioned") {
  Machine test;
  const BlockDevice linear{.name = "dm-2", .kind = DeviceKind::kMapped, .below = {"sda2"}};
  test.mark = kUnknownMark;
  test.check.Prove({{linear, {}}}, ReadStorage(test.kernel));
  CHECK_EQ(test.reads.size(), 1u);
  CHECK(test.said.empty() && test.events.empty());
}

}  // namespace mark_check_test
