// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/unwritten.h"

#include "check.h"
#include "final/storage/device_progress.h"
#include "final_stage_test.h"

namespace unwritten_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

/// /srv on the one partition of sdb, 310 MB to write, 10 MB each second, and 90 MB for others.
class Disk : public StageTest {
 public:
  StorageGraph graph;

  Disk() {
    request.last = true;
    graph.mounts = ParseMountInfo("1 0 8:17 / /srv rw - ext4 /dev/sdb1 rw\n");
    graph.devices = {{.name = "sdb", .number = "8:16"},
                     {.name = "sdb1", .number = "8:17", .below = {"sdb"}}};
    Pass(0);
  }
  void Pass(int seconds) {
    passed_ += seconds;
    kernel.now += std::chrono::seconds(seconds);
    const auto kib = [](int mb) { return std::to_string(mb * 1024) + " kB\n"; };
    const int left = std::max(310 - 10 * passed_, 0);
    kernel.files["/proc/meminfo"] = "Dirty: " + kib(left + 90);
    if (has_debugfs)
      kernel.files["/sys/kernel/debug/bdi/8:16/stats"] =
          "BdiWriteback: " + kib(left / 2) + "BdiReclaimable: " + kib(left - left / 2);
    kernel.files["/sys/dev/block/8:17/stat"] =
        "0 0 0 0 " + std::to_string(passed_) + " 0 " + std::to_string(passed_ * 10 * 2048) + " 0";
  }
  /// The lines of a call that takes so long.
  std::vector<std::string> Call(int seconds) {
    DeviceProgress progress(context, graph, "syncing");
    for (; seconds > 0; --seconds) {
      progress.Made("8:17");
      Pass(1);
    }
    return said;
  }
  bool has_debugfs = true;

 private:
  int passed_ = 0;
};

}  // namespace

TEST("a slow sync says what is written, what is left and how long that takes at this pace") {
  Disk disk;
  CHECK_EQ(disk.Call(12),
           (std::vector<std::string>{
               "syncing /dev/sdb1 (/srv): 3 s, 20 MB written, 290 MB left, about 29 s more, at "
               "most 45 s without progress",
               "syncing /dev/sdb1 (/srv): 10 s, 90 MB written, 220 MB left, about 22 s more, at "
               "most 45 s without progress"}));
}

TEST("of a disk with two file systems it is said that what is left is the disk's") {
  Disk disk;
  disk.graph.mounts = ParseMountInfo(
      "1 0 8:17 / /srv rw - ext4 /dev/sdb1 rw\n2 0 8:18 / /home rw - ext4 /dev/sdb2 rw\n");
  disk.graph.devices.push_back({.name = "sdb2", .number = "8:18", .below = {"sdb"}});
  const auto said = disk.Call(4);
  CHECK(said.at(0).find("20 MB written, 290 MB left on sdb, about 29 s") != std::string::npos);
}

TEST("without the disk's own figure that of the machine is said, and nothing is estimated") {
  Disk disk;
  disk.has_debugfs = false;
  disk.kernel.files.erase("/sys/kernel/debug/bdi/8:16/stats");
  CHECK_EQ(disk.Call(4), std::vector<std::string>{
                             "syncing /dev/sdb1 (/srv): 3 s, 20 MB written, 380 MB left in all, "
                             "at most 45 s without progress"});
}

TEST("a disk that stands still has no estimate") {
  Disk disk;
  DeviceProgress progress(disk.context, disk.graph, "syncing");
  for (int second = 0; second < 4; ++second, disk.kernel.now += 1s) progress.Made("8:17");
  CHECK_EQ(disk.said, std::vector<std::string>{"syncing /dev/sdb1 (/srv): 3 s, 310 MB left, at "
                                               "most 45 s without progress"});
}

TEST("garbage in the kernel's figures counts as none") {
  Disk disk;
  for (const char* stats : {"", "BdiWriteback: x kB\n", "BdiWriteback: 5 kB\n", "\xff\n\n"}) {
    disk.kernel.files["/sys/kernel/debug/bdi/8:16/stats"] = stats;
    CHECK_EQ(UnwrittenOf(disk.kernel, disk.graph, "8:17").whose, Unwritten::kMachine);
  }
  for (const char* stat : {"", "1 2 3", "0 0 0 0 0 0 -7 0", "a b c d e f g h"}) {
    disk.kernel.files["/sys/dev/block/8:17/stat"] = stat;
    CHECK(!WrittenKib(disk.kernel, disk.graph, "8:17"));
  }
}

TEST("debugfs is mounted once, by the last halt, where it is not: a refusal costs nothing") {
  for (const bool refused : {false, true}) {
    for (const auto& [last, mounted, wanted] :
         {std::tuple(true, false, 1u), {false, false, 0u}, {true, true, 0u}}) {
      Disk disk;
      disk.request.last = last;
      disk.kernel.dirs["/sys/kernel/debug"] = {};
      if (mounted) disk.kernel.dirs["/sys/kernel/debug"] = {"bdi"};
      if (refused) disk.kernel.errors["mount"] = std::errc::operation_not_permitted;
      CHECK_EQ(disk.Call(12).size(), 2u);
      CHECK_EQ(disk.kernel.calls.size(), wanted);
      if (wanted) CHECK_EQ(disk.kernel.calls.at(0), "mount /sys/kernel/debug 0xe");
    }
  }
}

TEST("a server has the machine's figure and no written one") {
  Disk disk;
  disk.graph.mounts = ParseMountInfo("1 0 0:45 / /mnt rw - nfs4 server:/x rw\n");
  CHECK_EQ(UnwrittenOf(disk.kernel, disk.graph, "0:45").whose, Unwritten::kMachine);
  CHECK(!WrittenKib(disk.kernel, disk.graph, "0:45"));
}

}  // namespace unwritten_test
