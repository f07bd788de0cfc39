// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/dead_devices.h"

#include <set>

#include "check.h"
#include "final/stages/stages.h"
#include "final/storage/device_progress.h"
#include "final_stage_test.h"

namespace dead_devices_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

/// A root and two more disks, all to be written.
class Disks : public StageTest {
 public:
  Disks() {
    kernel.files["/proc/self/mountinfo"] =
        "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:17 / /srv rw - ext4 /dev/sdb1 rw\n"
        "3 1 8:33 / /run/usb rw - vfat /dev/sdc1 rw\n";
  }
};

}  // namespace

TEST("a dead device is said once and remembered for the next stage, whatever its path is") {
  StageTest test;
  for (int stage = 0; stage < 2; ++stage) {
    DeadDevices dead(test.context);
    CHECK_EQ(dead.Empty(), stage == 0);
    dead.Add("8:17", "/a b\n\\c", "/dev/sdb1");
    CHECK(dead.Contains("8:17") && !dead.Contains("8:1"));
    CHECK(dead.Carry({}, "/a b\n\\c/file") && !dead.Carry({}, "/a bc"));
  }
  CHECK_EQ(test.said.size(), 1u);
  CHECK_EQ(test.kernel.files["/run/curfew/dead"], "8:17 /a\\040b\\012\\134c\n");
}

TEST("a dead root carries what is on it, but not what is on a living disk mounted below it") {
  Disks disks;
  DeadDevices dead(disks.context);
  dead.Remember("8:1", "/");
  const StorageGraph graph = ReadStorage(disks.kernel);
  CHECK(dead.Carry(graph, "/swapfile") && dead.Carry(graph, "/var/cache/x.img"));
  CHECK(!dead.Carry(graph, "/srv/x.img"));
  CHECK(dead.Carry(graph, SwapArea{"/swapfile", true, 1}));
  CHECK(!dead.Carry(graph, SwapArea{"/srv/swap", true, 1}));
  dead.Remember("0:9", "/srv/nfs");  // Forced off since, so that no mount shows it.
  CHECK(dead.Carry(graph, "/srv/nfs/x.img") && !dead.Carry(graph, "/srv/nfsx"));
}

TEST("swap and loops on a dead root are left alone, those beside it are not") {
  Disks disks;
  disks.kernel.dirs["/sys/class/block"] = {"loop0", "loop1"};
  disks.kernel.files["/sys/class/block/loop0/loop/backing_file"] = "/file\n";
  disks.kernel.files["/sys/class/block/loop1/loop/backing_file"] = "/srv/file\n";
  for (const std::string n : {"0", "1"}) {
    disks.kernel.files["/dev/loop" + n] = "";
    disks.kernel.files["/sys/class/block/loop" + n + "/dev"] = "7:" + n + "\n";
  }
  disks.kernel.files["/proc/swaps"] = "/swap file 1024 10 -2\n/srv/swap file 1024 10 -3\n";
  disks.kernel.files[DeadDevices::kPath] = "8:1 /\n";
  UnmountStage(disks.context);
  CHECK(disks.kernel.Called("swapoff /srv/swap") && !disks.kernel.Called("swapoff /swap"));
  std::string calls;
  for (const std::string& call : disks.kernel.calls) calls += call + "\n";
  CHECK(calls.find("/dev/loop0") == calls.npos && calls.find("/dev/loop1") != calls.npos);
}

TEST("to give up a device is a step forward: the dead-man sees it") {
  StageTest test;
  const Heartbeat heartbeat = Heartbeat::Create();
  test.context.heartbeat = &heartbeat;
  DeadDevices dead(test.context);
  for (int time = 0; time < 2; ++time) dead.Add("8:17", "/srv", "/dev/sdb1");
  CHECK_EQ(heartbeat->beats.load(), 1u);
}

TEST("outside of a shutdown nothing dead is remembered or believed") {
  StageTest test;
  test.request.in_shutdown = false;
  test.kernel.files[DeadDevices::kPath] = "8:17 /srv\n";
  DeadDevices dead(test.context);
  CHECK(dead.Empty());
  dead.Add("8:1", "/", "/dev/sda1");
  CHECK(test.kernel.calls.empty());
}

TEST("garbage in the list of the dead does no harm") {
  StageTest test;
  test.kernel.files[DeadDevices::kPath] = "\n\nx\n 8:1\n8:17 /srv";
  DeadDevices dead(test.context);
  CHECK(dead.Contains("8:17") && !dead.Contains("8:1") && !dead.Contains("x"));
}

TEST("a dead disk costs the others no sync, and sync(2), which would wait for it, is not called") {
  Disks disks;
  disks.kernel.errors["syncfs /srv"] = std::errc::timed_out;
  SyncStage(disks.context);
  CHECK_EQ(disks.kernel.calls.at(0), "syncfs /");
  CHECK(disks.kernel.Called("syncfs /run/usb") && !disks.kernel.Called("sync"));
  CHECK(disks.Said("/dev/sdb1 (/srv) does not answer; it is left alone"));
}

TEST("a disk that was called dead gets one more try, is made read-only and forgotten") {
  for (const bool suspended : {false, true}) {
    Disks disks;
    disks.kernel.files["/run/curfew/dead"] = "8:17 /srv\n8:33 /run/usb\n";
    disks.kernel.errors["syncfs /run/usb"] = std::errc::timed_out;
    disks.kernel.dirs["/sys/class/block"] = {"dm-0"};
    disks.kernel.files["/sys/class/block/dm-0/dev"] = "8:17\n";
    disks.kernel.files["/sys/class/block/dm-0/dm/suspended"] = suspended ? "1\n" : "0\n";
    SyncStage(disks.context);
    CHECK_EQ(disks.kernel.Called("mount /srv 0x21"), !suspended);
    CHECK_EQ(disks.Said("/dev/sdb1 (/srv) answers again; it is read-only"), !suspended);
    CHECK_EQ(disks.kernel.files["/run/curfew/dead"],
             suspended ? "8:17 /srv\n8:33 /run/usb\n" : "8:33 /run/usb\n");
    CHECK(!disks.kernel.Called("sync"));
  }
}

TEST("what could not be written is said") {
  Disks disks;
  disks.kernel.errors["syncfs /srv"] = std::errc::io_error;
  SyncStage(disks.context);
  CHECK(disks.Said("/dev/sdb1 (/srv): not everything could be written: Input/output error"));
  CHECK(disks.kernel.Called("sync"));
}

TEST("a dead disk is not made read-only, and that is said; the root is") {
  Disks disks;
  disks.kernel.files[DeadDevices::kPath] = "8:17 /srv\n";
  ReadOnlyStage(disks.context);
  CHECK(disks.Said("/srv is NOT read-only: its device does not answer"));
  CHECK(disks.kernel.Called("mount / 0x21") && !disks.kernel.Called("mount /srv 0x21"));
}

TEST("a disk makes progress by what it completes, not by what it begins or by time") {
  StageTest test;
  const StorageGraph graph;
  DeviceProgress progress(test.context, graph, "syncing");
  auto& stat = test.kernel.files["/sys/dev/block/8:17/stat"];
  stat = "   10 0 80 5   20 0 160 9   3 44 14   0 0 0 0   2 1\n";
  CHECK(!progress.Made("8:17"));
  stat = "   10 0 80 5   20 0 160 9   7 99 77   0 0 0 0   2 1\n";
  CHECK(!progress.Made("8:17"));
  stat = "   10 0 80 5   21 0 168 9   6 99 77   0 0 0 0   2 1\n";
  CHECK(progress.Made("8:17"));
  CHECK(!progress.Made("8:17"));
}

TEST("a disk behind something else makes progress while less is left to write than ever before") {
  StageTest test;
  const StorageGraph graph;
  DeviceProgress progress(test.context, graph, "syncing");
  auto& meminfo = test.kernel.files["/proc/meminfo"];
  auto left = [&](int kib) {
    meminfo = "MemTotal: 1 kB\nDirty:   " + std::to_string(kib) + " kB\nWriteback: 5 kB\n";
    return progress.Made("0:45");
  };
  CHECK(!left(900) && left(800) && !left(800) && !left(900) && !left(850) && left(799));
}

TEST("what lies on a disk makes progress when the disk does, and not when another one does") {
  StageTest test;
  StorageGraph graph;
  graph.devices = {{.name = "loop0", .number = "7:0", .below = {"sda"}},
                   {.name = "sda", .number = "8:0"}};
  DeviceProgress progress(test.context, graph, "syncing");
  auto& files = test.kernel.files;
  files["/sys/dev/block/7:0/stat"] = files["/sys/dev/block/8:0/stat"] = "1 0 0 0 1";
  files["/proc/meminfo"] = "Dirty: 900 kB\n";
  CHECK(!progress.Made("7:0"));
  files["/proc/meminfo"] = "Dirty: 100 kB\n";
  CHECK(!progress.Made("7:0"));
  files["/sys/dev/block/8:0/stat"] = "1 0 0 0 2";
  CHECK(progress.Made("7:0"));
}

TEST("each number of completed requests of a disk is progress, and no other of its numbers") {
  // Reads, writes, discards and flushes of Linux Documentation/block/stat.rst.
  const std::set<int> completed = {0, 4, 11, 15};
  for (int changed = 0; changed < 17; ++changed) {
    StageTest test;
    StorageGraph graph;
    graph.devices = {{.name = "sda", .number = "8:0"}};
    DeviceProgress progress(test.context, graph, "syncing");
    std::string& stat = test.kernel.files["/sys/dev/block/8:0/stat"];
    for (int field = 0; field < 17; ++field) stat += "1 ";
    CHECK(!progress.Made("8:0"));
    stat[static_cast<std::size_t>(changed) * 2] = '2';
    CHECK_EQ(progress.Made("8:0"), completed.contains(changed));
  }
}

TEST("what is waited for is said after 3 s and then each 10 s, with what the machine has left") {
  for (const bool last : {false, true}) {
    StageTest test;
    test.request.last = last;
    StorageGraph graph;
    graph.mounts = ParseMountInfo("1 0 8:17 / /srv rw - ext4 /dev/sdb1 rw\n");
    DeviceProgress progress(test.context, graph, "syncing");
    test.kernel.files["/proc/meminfo"] = "Dirty: 317440 kB\n";
    // The first call comes when one second has passed.
    for (int second = 1; second < 15; ++second) {
      progress.Made("8:17");
      CHECK_EQ(test.said.size(), second < 3 ? 0u : second < 10 ? 1u : 2u);
      test.kernel.now += 1s;
    }
    const std::string line = "syncing /dev/sdb1 (/srv): ";
    const std::string rest = "310 MB left in all, at most 10 s without progress";
    CHECK(test.Said(line + "3 s, " + rest) && test.Said(line + "10 s, " + rest));
  }
}

TEST("calls that end in time are not told, however many there are on one device") {
  StageTest test;
  test.request.last = true;
  StorageGraph graph;
  graph.mounts = ParseMountInfo("1 0 8:17 / /srv rw - ext4 /dev/sdb1 rw\n");
  DeviceProgress progress(test.context, graph, "syncing");
  for (int call = 0; call < 9; ++call, test.kernel.now += 3s) progress.Made("8:17");
  CHECK(test.said.empty());
}

TEST("after FINAL_HARD nothing counts as progress") {
  StageTest test;
  const StorageGraph graph;
  DeviceProgress progress(test.context, graph, "syncing");
  auto& stat = test.kernel.files["/sys/dev/block/8:17/stat"];
  stat = "1 0 0 0 1";
  progress.Made("8:17");
  test.kernel.now += 1800s;
  stat = "1 0 0 0 2";
  CHECK(!progress.Made("8:17"));
}

}  // namespace dead_devices_test
