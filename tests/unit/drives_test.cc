// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/drives.h"

#include <linux/fs.h>
#include <linux/hdreg.h>

#include "check.h"
#include "final_stage_test.h"

using namespace curfew;

namespace {

/// A machine with drives, which notes the ATA commands they get.
struct DriveTest : StageTest {
  std::vector<int> commands;
  std::vector<int> refused;       ///< commands that fail
  unsigned char word83_high = 0;  ///< of the identity

  DriveTest() {
    request.ending = Ending::kPowerOff;
    kernel.on_ioctl = [this](int, unsigned long request, void* argument) -> Result<int> {
      if (request != HDIO_DRIVE_CMD) return 0;
      auto* registers = static_cast<unsigned char*>(argument);
      commands.push_back(registers[0]);
      if (registers[0] == 0xEC) registers[4 + 167] = word83_high;
      if (std::count(refused.begin(), refused.end(), registers[0]))
        return std::make_error_code(std::errc::io_error);
      return 0;
    };
  }
  void Add(const std::string& name, const std::string& vendor, const std::string& removable,
           const std::string& sectors = "1000\n") {
    const std::string block = "/sys/block/" + name;
    kernel.dirs["/sys/block"].push_back(name);
    kernel.files[block + "/removable"] = removable;
    kernel.files[block + "/size"] = sectors;
    kernel.files[block + "/device/vendor"] = vendor;
    kernel.dirs[block + "/device/scsi_disk"] = {"0:0:0:0"};
    kernel.files["/dev/" + name] = "";
  }
  void Manage(const std::string& name, const std::string& key, const std::string& value) {
    kernel.files["/sys/block/" + name + "/device/scsi_disk/0:0:0:0/" + key] = value;
  }
};

using Commands = std::vector<int>;

}  // namespace

TEST("an ATA drive that the kernel leaves alone is flushed, then put into standby") {
  DriveTest test;
  test.Add("sda", "ATA     \n", "0\n");
  test.Manage("sda", "manage_start_stop", "0\n");
  test.request.standby = true;
  DrivesStage(test.context);
  CHECK_EQ(test.commands, (Commands{0xE7, 0xE0}));
  CHECK(test.kernel.open_paths.empty());
}

TEST("without -h, and on a restart, a drive is flushed only") {
  DriveTest test;
  test.Add("sda", "ATA     \n", "0\n");
  DrivesStage(test.context);
  test.request.standby = true;
  test.request.ending = Ending::kRestart;
  DrivesStage(test.context);
  CHECK_EQ(test.commands, (Commands{0xE7, 0xE7}));
}

TEST("a drive that the kernel parks is not touched, by whichever key it says so") {
  for (const char* key : {"manage_start_stop", "manage_system_start_stop", "manage_shutdown"}) {
    DriveTest test;
    test.Add("sda", "ATA     \n", "0\n");
    test.Manage("sda", key, "1\n");
    DrivesStage(test.context);
    CHECK_EQ(test.commands, Commands{});
  }
}

TEST("manage_shutdown decides against a manage_start_stop of 0") {
  DriveTest test;
  test.Add("sda", "ATA     \n", "0\n");
  test.Manage("sda", "manage_shutdown", "1\n");
  test.Manage("sda", "manage_start_stop", "0\n");
  DrivesStage(test.context);
  CHECK_EQ(test.commands, Commands{});
}

TEST("NVMe, virtio, SAS and ATA cards stay untouched; a USB stick is flushed") {
  DriveTest test;
  test.Add("nvme0n1", "", "0\n");
  test.Add("vda", "", "0\n");
  test.Add("sda", "SEAGATE \n", "0\n");
  test.Add("sdb", "ATA     \n", "1\n");
  DrivesStage(test.context);
  CHECK_EQ(test.commands, Commands{});
  test.Add("sdc", "Kingston\n", "1\n");
  DrivesStage(test.context);
  CHECK_EQ(test.commands, (Commands{0xE7}));
}

TEST("a large drive gets the extended flush only if its identity offers it") {
  DriveTest test;
  test.Add("sda", "ATA     \n", "0\n", "268435456\n");
  test.word83_high = 0x60;
  DrivesStage(test.context);
  CHECK_EQ(test.commands, (Commands{0xEC, 0xEA}));
  test.commands.clear();
  test.word83_high = 0x40;
  DrivesStage(test.context);
  CHECK_EQ(test.commands, (Commands{0xEC, 0xE7}));
}

TEST("a refused flush writes the buffers, a refused standby tries the old command") {
  DriveTest test;
  test.Add("sda", "ATA     \n", "0\n");
  test.request.standby = true;
  test.refused = {0xE7, 0xE0};
  DrivesStage(test.context);
  CHECK_EQ(test.commands, (Commands{0xE7, 0xE0, 0x94}));
  CHECK(test.kernel.Called("ioctl /dev/sda " + ScriptedKernel::Hex(BLKFLSBUF)));
}

TEST("a drive that does not answer is named and the next one is flushed") {
  DriveTest test;
  test.Add("sda", "ATA     \n", "0\n");
  test.Add("sdb", "ATA     \n", "0\n");
  bool first = true;
  test.kernel.on_call = [&](const std::string& call) {
    test.kernel.errors.erase("in_child");
    if (call == "in_child" && std::exchange(first, false))
      test.kernel.errors["in_child"] = std::errc::timed_out;
  };
  DrivesStage(test.context);
  CHECK_EQ(test.commands, (Commands{0xE7}));
  CHECK_EQ(test.said.size(), 1u);
  CHECK(test.said[0].starts_with("drive sda is not flushed"));
}
