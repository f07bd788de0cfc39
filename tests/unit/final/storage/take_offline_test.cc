// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/take_offline.h"

#include "check.h"
#include "final/stages/stages.h"
#include "final_stage_test.h"

namespace take_offline_test {
using namespace curfew;

namespace {

using Lines = std::vector<std::string>;

/// / on sda, /srv on sdb1, which was found dead and does not answer now either.
class Disks : public StageTest {
 public:
  Disks() {
    request.last = true;
    kernel.files["/proc/self/mountinfo"] =
        "1 0 8:1 / / ro - ext4 /dev/sda1 ro\n2 1 8:17 / /srv rw - ext4 /dev/sdb1 rw\n";
    kernel.files["/run/curfew/dead"] = "8:17 /srv\n";
    Add("sda", "8:0");
    Add("sda1", "8:1", {"sda"});
    Add("sdb", "8:16");
    Add("sdb1", "8:17", {"sdb"});
    kernel.errors["fsync /dev/sdb"] = std::errc::timed_out;
  }
  void Add(const std::string& name, const std::string& number, const Lines& below = {}) {
    const std::string dir = "/sys/class/block/" + name;
    kernel.dirs["/sys/class/block"].push_back(name);
    kernel.files[dir + "/dev"] = number + "\n";
    kernel.dirs[dir + "/slaves"] = below;
    if (below.empty()) kernel.files[dir + "/device/state"] = "running\n";
    kernel.files["/dev/" + name] = "";
  }
  /// What is done to disks.
  Lines Run() {
    DrivesStage(context);
    Lines done;
    for (const auto& call : kernel.calls)
      if (call.starts_with("fsync ") || call.starts_with("write ")) done.push_back(call);
    return done;
  }
  static std::string Offline(const std::string& name) {
    return "write /sys/class/block/" + name + "/device/state offline\n";
  }
};

}  // namespace

TEST("a dead disk that does not answer one more flush is taken offline and named") {
  Disks disks;
  CHECK_EQ(disks.Run(), (Lines{"fsync /dev/sdb", Disks::Offline("sdb")}));
  CHECK_EQ(disks.said, Lines{"sdb (/srv) is taken offline: it did not answer"});
  CHECK_EQ(disks.events, Lines{"offline sdb /srv"});
  CHECK(disks.kernel.open_paths.empty());
}

TEST("a disk that answers, if only with an error, stays online") {
  for (const auto answer : {std::errc(), std::errc::io_error}) {
    Disks disks;
    disks.kernel.errors.clear();
    if (answer != std::errc()) disks.kernel.errors["fsync /dev/sdb"] = answer;
    CHECK_EQ(disks.Run(), Lines{"fsync /dev/sdb"});
    CHECK(disks.said.empty());
  }
}

TEST("only the last halt takes disks offline, on this machine, and not after -n") {
  for (int which = 0; which < 4; ++which) {
    Disks disks;
    if (which == 0) disks.request.last = false;
    if (which == 1) disks.request.container = true;
    if (which == 2) disks.request.sync = false;
    if (which == 3) disks.kernel.files.erase("/run/curfew/dead");
    CHECK_EQ(disks.Run(), Lines{});
  }
}

TEST("where no child can be had a dead disk is not asked: it would hold up halt itself") {
  Disks disks;
  disks.kernel.errors["fork"] = std::errc::resource_unavailable_try_again;
  CHECK_EQ(disks.Run(), Lines{});
}

TEST("whatever is on top, the disks at the bottom are meant, each once, with its mount points") {
  Disks disks;
  disks.Add("sdc", "8:32");
  disks.Add("dm-0", "253:0", {"sdb1", "sdc"});
  disks.kernel.files["/run/curfew/dead"] =
      "253:0 /srv\n8:17 /old\n/dev/sdb1 swap\n8:16 /dev/sdb\n0:45 /nfs\n/dev/gone /x\n";
  disks.kernel.errors["fsync /dev/sdc"] = std::errc::timed_out;
  CHECK_EQ(disks.Run(), (Lines{"fsync /dev/sdb", "fsync /dev/sdc", Disks::Offline("sdb"),
                               Disks::Offline("sdc")}));
  CHECK(disks.Said("sdc (/srv) is taken offline: it did not answer"));
  CHECK(disks.Said("sdb (swap, /srv, /old) is taken offline: it did not answer"));
}

TEST("of a stack only the disk that does not answer is taken offline") {
  Disks disks;
  disks.Add("sdc", "8:32");
  disks.Add("dm-0", "253:0", {"sdb1", "sdc"});
  disks.kernel.files["/run/curfew/dead"] = "253:0 /srv\n";
  CHECK_EQ(disks.Run(), (Lines{"fsync /dev/sdb", "fsync /dev/sdc", Disks::Offline("sdb")}));
}

TEST("what is no SCSI disk, or is given up already, is left alone") {
  for (const char* state : {"offline\n", "transport-offline\n", "live\n", ""}) {
    Disks disks;
    disks.kernel.files["/sys/class/block/sdb/device/state"] = state;
    CHECK_EQ(disks.Run(), Lines{});
    CHECK(disks.said.empty());
  }
  Disks disks;
  disks.Add("nvme0n1", "259:0");
  disks.kernel.files["/run/curfew/dead"] = "259:0 /srv\n";
  CHECK_EQ(disks.Run(), Lines{});
}

TEST("an iSCSI disk whose session waits for its target is taken offline") {
  Disks disks;
  disks.kernel.files["/sys/class/block/sdb/device/state"] = "blocked\n";
  CHECK(disks.Run().back() == Disks::Offline("sdb"));
}

TEST("a path of a multipath stays online, also where it carries a partition of it") {
  Disks disks;
  disks.Add("dm-0", "253:0", {"sdb"});
  disks.Add("dm-1", "253:1", {"dm-0"});
  disks.kernel.files["/sys/class/block/dm-0/dm/uuid"] = "mpath-3600508\n";
  disks.kernel.files["/sys/class/block/dm-0/dm/name"] = "mpatha\n";
  disks.kernel.files["/run/curfew/dead"] = "253:1 /srv\n";
  CHECK_EQ(disks.Run(), Lines{});
  CHECK_EQ(disks.said, Lines{"sdb (/srv) does not answer and stays online, because it is a path of "
                             "the multipath mpatha"});
}

TEST("a member of a RAID stays online unless the array has nothing to write") {
  for (const auto& [state, offline] : {std::pair("clean\n", true),
                                       {"readonly\n", true},
                                       {"inactive\n", true},
                                       {"active\n", false},
                                       {"write-pending\n", false},
                                       {"active-idle\n", false},
                                       {"", false}}) {
    Disks disks;
    disks.Add("dm-0", "253:0", {"sdb1"});  // An encrypted member.
    disks.Add("md0", "9:0", {"dm-0"});
    disks.kernel.dirs["/sys/class/block/md0/md"] = {};
    disks.kernel.files["/sys/class/block/md0/md/array_state"] = state;
    CHECK_EQ(disks.Run().size(), offline ? 2u : 0u);
    CHECK_EQ(disks.Said("sdb (/srv) does not answer and stays online, because it is a member of "
                        "the RAID md0, which has data to write"),
             !offline);
  }
  Disks disks;
  disks.Add("dm-0", "253:0", {"sdb1"});
  disks.kernel.files["/sys/class/block/dm-0/dm/name"] = "vg-data_rimage_0\n";
  CHECK_EQ(disks.Run(), Lines{});
}

TEST("what carries /, /usr or swap stays online: PID 1 would die of an error, and the kernel") {
  for (int which = 0; which < 3; ++which) {
    Disks disks;
    auto& mounts = disks.kernel.files["/proc/self/mountinfo"];
    if (which == 0) mounts = "1 0 8:17 / / rw - ext4 /dev/sdb1 rw\n";
    if (which == 1) mounts += "3 1 8:17 /usr /usr ro - ext4 /dev/sdb1 rw\n";
    if (which == 2) disks.kernel.files["/proc/swaps"] = "Filename\n/srv/swap file 9 1 -2\n";
    CHECK_EQ(disks.Run(), Lines{});
    const char* what[] = {"/", "/usr", "the swap /srv/swap"};
    CHECK(disks.Said("sdb (/srv) does not answer and stays online, because it carries " +
                     std::string(what[which])));
  }
}

TEST("where an error panics the kernel the disk stays online, also by ext4's own default") {
  for (const bool by_default : {false, true}) {
    Disks disks;
    if (by_default) {
      disks.kernel.dirs["/proc/fs/ext4"] = {"sda1", "sdb1"};
      disks.kernel.files["/proc/fs/ext4/sdb1/options"] = "rw\nerrors=panic\nstripe=0\n";
    } else {
      disks.kernel.files["/proc/self/mountinfo"] +=
          "3 1 8:17 / /srv rw - ext4 /dev/sdb1 rw,errors=panic\n";
    }
    CHECK_EQ(disks.Run(), Lines{});
    CHECK(disks.Said(
        "sdb (/srv) does not answer and stays online, because its file system panics on errors"));
  }
}

TEST("a kernel that refuses it is named, and a write that hangs costs no more than its limit") {
  for (const auto error : {std::errc::invalid_argument, std::errc::timed_out}) {
    Disks disks;
    disks.kernel.errors["write /sys/class/block/sdb/device/state"] = error;
    CHECK_EQ(disks.Run().size(), 2u);
    CHECK_EQ(disks.said,
             Lines{"sdb (/srv) is not taken offline: " + std::make_error_code(error).message()});
    CHECK(disks.events.empty());
  }
}

TEST("whichever call fails, the stage ends, and no disk that answers is taken offline") {
  Disks calm;
  calm.Run();
  for (int n = 1; n <= static_cast<int>(calm.kernel.all.size()); ++n) {
    Disks disks;
    disks.kernel.fail_nth = n;
    disks.Run();
    for (const auto& call : disks.kernel.calls)
      CHECK(!call.starts_with("write ") || call == Disks::Offline("sdb"));
  }
}

}  // namespace take_offline_test
