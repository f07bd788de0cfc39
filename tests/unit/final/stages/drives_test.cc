// SPDX-License-Identifier: GPL-2.0-or-later
#include <set>

#include "check.h"
#include "final/stages/stages.h"
#include "final_stage_test.h"

namespace drives_test {
using namespace curfew;

namespace {

using Lines = std::vector<std::string>;

/// A machine that is about to be switched off, and what is done to its drives.
struct DriveTest : StageTest {
  DriveTest() {
    request.ending = Ending::kPowerOff;
    request.standby = true;
  }
  void Add(const std::string& name, const std::string& vendor,
           const std::string& device = "../devices/pci/host/target0:0:0/block/") {
    const std::string block = "/sys/block/" + name;
    kernel.dirs["/sys/block"].push_back(name);
    kernel.links[block] = device + name;
    kernel.files[block + "/size"] = "1000\n";
    kernel.files[block + "/dev"] = "8:" + std::to_string(kernel.dirs["/sys/block"].size()) + "\n";
    kernel.files[block + "/queue/write_cache"] = "write back\n";
    kernel.files[block + "/device/vendor"] = vendor + "\n";
    kernel.dirs[block + "/device/scsi_disk"] = {"0:0:0:0"};
    kernel.files["/dev/" + name] = "";
  }
  void End() {
    FlushStage(context);
    DrivesStage(context);
  }
  void Set(const std::string& name, const std::string& key, const std::string& value) {
    kernel.files[Key(name, key)] = value + "\n";
  }
  static std::string Key(const std::string& name, const std::string& key) {
    return "/sys/block/" + name + "/device/scsi_disk/0:0:0:0/" + key;
  }
  static std::string Parked(const std::string& name, const std::string& key = "manage_start_stop") {
    return "write " + Key(name, key) + " 1";
  }
  /// The keys that were written.
  Lines Writes() {
    End();
    Lines writes;
    for (const auto& call : kernel.calls)
      if (call.starts_with("write ")) writes.push_back(call);
    return writes;
  }
};

}  // namespace

TEST("an NVMe drive with native multipath is flushed by its disk, not by its hidden paths") {
  DriveTest test;
  test.Add("nvme0c0n1", "", "../devices/pci/nvme/nvme0/");
  test.Add("nvme0n1", "", "../devices/virtual/nvme-subsystem/nvme-subsys0/");
  test.Add("loop0", "", "../devices/virtual/block/");
  test.kernel.files.erase("/dev/nvme0c0n1");
  test.kernel.files["/sys/block/nvme0c0n1/hidden"] = "1\n";
  test.kernel.files["/sys/block/nvme0n1/hidden"] = "0\n";
  FlushStage(test.context);
  CHECK_EQ(test.kernel.calls, Lines{"fsync /dev/nvme0n1"});
  CHECK_EQ(test.said, Lines{});
}

TEST("an ATA drive that the kernel leaves alone is flushed, then the kernel is told to park it") {
  DriveTest test;
  test.Add("sda", "ATA     ");
  test.Set("sda", "manage_start_stop", "0");
  test.End();
  CHECK_EQ(test.kernel.calls, (Lines{"fsync /dev/sda", DriveTest::Parked("sda")}));
  CHECK(test.kernel.open_paths.empty());
}

TEST("without -h, on a restart and on kexec a drive is flushed only") {
  for (auto [standby, ending] :
       {std::pair(false, Ending::kPowerOff), {true, Ending::kRestart}, {true, Ending::kKexec}}) {
    DriveTest test;
    test.Add("sda", "ATA");
    test.Set("sda", "manage_start_stop", "0");
    test.request.standby = standby;
    test.request.ending = ending;
    test.End();
    CHECK_EQ(test.kernel.calls, Lines{"fsync /dev/sda"});
  }
}

TEST("after -n nothing is flushed: a repaired superblock must not be overwritten") {
  DriveTest test;
  test.Add("sda", "ATA");
  test.Set("sda", "manage_start_stop", "0");
  test.request.sync = false;
  test.End();
  CHECK_EQ(test.kernel.calls, Lines{DriveTest::Parked("sda")});
}

TEST("Linux 6.1: manage_start_stop alone says whether the kernel parks, at halt and power-off") {
  for (Ending ending : {Ending::kHalt, Ending::kPowerOff}) {
    DriveTest test;
    test.request.ending = ending;
    test.Add("sda", "ATA");
    test.Add("sdb", "ATA");
    test.Set("sda", "manage_start_stop", "1");
    test.Set("sdb", "manage_start_stop", "0");
    CHECK_EQ(test.Writes(), Lines{DriveTest::Parked("sdb")});
  }
}

TEST("Linux 6.6: manage_shutdown parks at power-off only; a halt needs the system key") {
  for (auto [ending, wanted] : {std::pair(Ending::kPowerOff, false), {Ending::kHalt, true}}) {
    DriveTest test;
    test.request.ending = ending;
    test.Add("sda", "ATA");
    test.Set("sda", "manage_shutdown", "1");
    test.Set("sda", "manage_start_stop", "0");
    test.Set("sda", "manage_system_start_stop", "0");
    CHECK_EQ(test.Writes(),
             wanted ? Lines{DriveTest::Parked("sda", "manage_system_start_stop")} : Lines{});
  }
}

TEST("Linux 6.6: the system key parks at halt and power-off, whatever manage_shutdown says") {
  for (Ending ending : {Ending::kHalt, Ending::kPowerOff}) {
    DriveTest test;
    test.request.ending = ending;
    test.Add("sda", "ATA");
    test.Set("sda", "manage_shutdown", "0");
    test.Set("sda", "manage_system_start_stop", "1");
    CHECK_EQ(test.Writes(), Lines{});
    test.Set("sda", "manage_system_start_stop", "0");
    CHECK_EQ(test.Writes(), Lines{DriveTest::Parked("sda", "manage_system_start_stop")});
  }
}

TEST("while a RAID is active no drive is parked; once it is stopped it is") {
  DriveTest test;
  test.Add("sda", "ATA");
  test.Set("sda", "manage_start_stop", "0");
  for (const char* raid : {"md0 : active raid1 sda1[0]\n", "md_d0 : inactive sda1[0]\n"}) {
    test.kernel.files["/proc/mdstat"] = "Personalities : [raid1]\n" + std::string(raid);
    CHECK_EQ(test.Writes(), Lines{});
  }
  test.kernel.files["/proc/mdstat"] = "Personalities : [raid1]\nmd0 : \nno md active\n";
  CHECK_EQ(test.Writes(), Lines{DriveTest::Parked("sda")});
}

TEST("the wait of the kernel for an array is said where the array carries / or /usr") {
  const std::string line = "md0 carries /: the kernel waits 1 s for it";
  for (const char* mounts :
       {"20 1 9:0 / / ro - ext4 /dev/md0 ro\n", "20 1 253:0 / / ro - ext4 /dev/mapper/root ro\n",
        "20 1 8:9 / / ro - ext4 /dev/sdx ro\n21 20 9:0 / /usr ro - ext4 /dev/md0 ro\n",
        "20 1 8:9 / / ro - ext4 /dev/sdx ro\n21 20 9:0 / /srv ro - ext4 /dev/md0 ro\n"}) {
    DriveTest test;
    test.request.standby = false;
    test.kernel.files["/proc/self/mountinfo"] = mounts;
    test.kernel.dirs["/sys/class/block"] = {"md0", "dm-0"};
    test.kernel.files["/sys/class/block/md0/dev"] = "9:0\n";
    test.kernel.files["/sys/class/block/dm-0/dev"] = "253:0\n";
    test.kernel.dirs["/sys/class/block/dm-0/slaves"] = {"md0"};
    test.kernel.files["/proc/mdstat"] = "md0 : active raid1 sda1[0]\n";
    test.End();
    const std::string text = mounts;
    CHECK_EQ(test.Said(line), text.find("/ / ro - ext4 /dev/m") != text.npos);
    CHECK_EQ(test.Said("md0 carries /usr: the kernel waits 1 s for it"),
             text.find("/usr") != text.npos);
  }
}

TEST("USB, FireWire, SAS and parallel SCSI are parked; SAN, RAID and virtual volumes are not") {
  DriveTest test;
  test.Add("sda", "WD", "../devices/pci/usb1/1-1/host3/target3:0:0/3:0:0:0/block/");
  test.Add("sdb", "WD", "../devices/pci/fw0/host4/target4:0:0/4:0:0:0/block/");
  test.Add("sdc", "HGST", "../devices/pci/host5/port-5:0/end_device-5:0/target5:0:0/block/");
  test.Add("sdd", "IBM", "../devices/pci/host6/target6:0:0/6:0:0:0/block/");
  test.kernel.links["/sys/class/spi_transport/target6:0:0"] = "x";
  test.Add("sde", "NETAPP", "../devices/pci/host7/rport-7:0-0/target7:0:0/7:0:0:0/block/");
  test.Add("sdf", "LIO", "../devices/platform/host8/session1/target8:0:0/8:0:0:0/block/");
  test.Add("sdg", "DELL", "../devices/pci/host9/target9:2:0/9:2:0:0/block/");
  for (const auto& name : test.kernel.dirs["/sys/block"]) test.Set(name, "manage_start_stop", "0");
  CHECK_EQ(test.Writes(), (Lines{DriveTest::Parked("sda"), DriveTest::Parked("sdb"),
                                 DriveTest::Parked("sdc"), DriveTest::Parked("sdd")}));
}

TEST("every kind of disk with a cache is flushed, but none that is virtual, empty or asleep") {
  DriveTest test;
  for (const char* name : {"nvme0n1", "mmcblk0", "sdb", "sdc", "vda"}) test.Add(name, "");
  test.Add("md0", "", "../devices/virtual/block/");
  test.kernel.files["/sys/block/sdb/size"] = "0\n";
  test.kernel.files["/sys/block/sdc/device/power/runtime_status"] = "suspended\n";
  test.kernel.files["/sys/block/vda/queue/write_cache"] = "write through\n";
  test.End();
  CHECK_EQ(test.kernel.calls, (Lines{"fsync /dev/nvme0n1", "fsync /dev/mmcblk0"}));
}

TEST(
    "a drive whose cache could not be written is said at the end, one without a cache command "
    "not") {
  for (const auto error : {std::errc::io_error, std::errc::operation_not_supported}) {
    DriveTest test;
    test.Add("sda", "ATA");
    test.kernel.errors["fsync /dev/sda"] = error;
    FlushStage(test.context);
    CHECK_EQ(test.said.size(), 1u);
    CHECK_EQ(test.kernel.files["/run/curfew/unwritten"],
             error == std::errc::io_error
                 ? "/dev/sda (its write cache is not flushed: Input/output error)\n"
                 : "");
  }
}

TEST("drives that do not answer are named and not parked") {
  DriveTest test;
  for (const char* name : {"sda", "sdb", "sdc"}) {
    test.Add(name, "ATA");
    test.Set(name, "manage_start_stop", "0");
  }
  for (const char* name : {"sda", "sdb"})
    test.kernel.errors[std::string("fsync /dev/") + name] = std::errc::timed_out;
  test.End();
  Lines done;
  for (const auto& call : test.kernel.calls)
    if (call.starts_with("fsync") || call.starts_with("write ")) done.push_back(call);
  CHECK_EQ(done,
           (Lines{"fsync /dev/sda", "fsync /dev/sdb", "fsync /dev/sdc", DriveTest::Parked("sdc")}));
  CHECK(test.Said("drive sda is not flushed: " +
                  std::make_error_code(std::errc::timed_out).message()));
  CHECK_EQ(test.said.size(), 2u);
}

TEST("a drive that was found dead by a partition of it is left alone, the other one is flushed") {
  DriveTest test;
  for (const char* name : {"sda", "sdb"}) test.Add(name, "ATA");
  test.kernel.dirs["/sys/block/sda"] = {"queue", "sda1"};
  test.kernel.files["/sys/block/sda/dev"] = "8:0\n";
  test.kernel.files["/sys/block/sda/sda1/dev"] = "8:1\n";
  test.kernel.files["/sys/block/sdb/dev"] = "8:16\n";
  test.kernel.files["/run/curfew/dead"] = "8:1 /srv\n";
  test.End();
  CHECK(test.kernel.Called("fsync /dev/sdb") && !test.kernel.Called("fsync /dev/sda"));
}

}  // namespace drives_test
