// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/teardown.h"

#include <linux/dm-ioctl.h>
#include <linux/major.h>
#include <linux/nbd.h>
#include <linux/raid/md_u.h>
#include <sys/ioctl.h>

#include "check.h"
#include "final_stage_test.h"

namespace teardown_test {
using namespace curfew;

namespace {

const BlockDevice kVault{
    .name = "dm-300", .number = "253:300", .kind = DeviceKind::kMapped, .label = "vault"};
const BlockDevice kArray{.name = "md0", .number = "9:0", .kind = DeviceKind::kRaid};
const BlockDevice kNbd{.name = "nbd0", .number = "43:0", .kind = DeviceKind::kNbd};
const BlockDevice kZram{.name = "zram0", .number = "252:0", .kind = DeviceKind::kZram};

/// Devices that go when the right call asks for it, after `busy` refusals.
class Devices : public StageTest {
 public:
  int busy = 0;        ///< How often a device refuses before it goes.
  std::string asked;   ///< Numbers that device mapper was asked to remove.
  bool mapped = true;  ///< Whether device mapper knows the device.
  bool stays = false;  ///< Calls succeed and change nothing.

  Devices() {
    for (const char* name : {"dm-300", "md0", "nbd0", "zram0"})
      kernel.files[std::string("/dev/") + name] = "";
    kernel.files["/dev/mapper/control"] = "";
    kernel.files["/sys/class/block/md0/md/array_state"] = "clean\n";
    kernel.files["/sys/class/block/nbd0/pid"] = "812\n";
    kernel.files["/sys/class/block/zram0/disksize"] = "1048576\n";
    kernel.files["/sys/class/block/zram0/reset"] = "";
    kernel.on_ioctl = [this](int, unsigned long request, void* argument) {
      return Answer(request, argument);
    };
    kernel.on_call = [this](const std::string& call) {
      if (call == "write /sys/class/block/zram0/reset 1" && !stays)
        kernel.files["/sys/class/block/zram0/disksize"] = "0\n";
    };
  }

  std::error_code Down(const BlockDevice& device) {
    DeadDevices dead(context);
    return TakeDown(context, {}, {device}, &dead).at(0).error;
  }

 private:
  Result<int> Answer(unsigned long request, void* argument) {
    if (request == DM_DEV_STATUS && !mapped)
      return std::make_error_code(std::errc::no_such_device_or_address);
    if (request == DM_DEV_STATUS || stays) return 0;
    if (busy-- > 0) return std::make_error_code(std::errc::device_or_resource_busy);
    if (request == DM_DEV_REMOVE) {
      const auto* message = static_cast<const dm_ioctl*>(argument);
      asked += std::to_string(message->version[0]) + " " + std::to_string(message->dev) + "\n";
      mapped = false;
    }
    if (request == STOP_ARRAY) kernel.files["/sys/class/block/md0/md/array_state"] = "clear\n";
    if (request == NBD_DISCONNECT) kernel.files.erase("/sys/class/block/nbd0/pid");
    return 0;
  }
};

}  // namespace

TEST("device mapper is asked by the kernel's own form of the number, also of a minor above 255") {
  Devices devices;
  CHECK(!devices.Down(kVault));
  // 300 is 0x12c: its low byte, the major 253 above it, and the rest from bit 20 on.
  CHECK_EQ(devices.asked, "4 " + std::to_string(0x2c | 253 << 8 | 0x100 << 12) + "\n");
  CHECK(devices.kernel.open_paths.empty());
}

TEST("each device is flushed before it goes") {
  for (const auto& device : {kVault, kArray, kNbd, kZram}) {
    Devices devices;
    CHECK(!devices.Down(device));
    CHECK_EQ(devices.kernel.calls.at(0), "fsync /dev/" + device.name);
    CHECK(devices.kernel.calls.size() > 1);
  }
}

TEST("a device that something opened for a moment is tried again, one that stays so is busy") {
  for (const auto& device : {kVault, kArray}) {
    Devices moment;
    moment.busy = 3;
    CHECK(!moment.Down(device));
    Devices always;
    always.busy = 1000;
    CHECK(always.Down(device) == std::errc::device_or_resource_busy);
    CHECK(always.kernel.now <= std::chrono::milliseconds(250));
  }
}

TEST("what the kernel shows counts, not that the call returned 0") {
  for (const auto& device : {kVault, kArray, kNbd, kZram}) {
    Devices devices;
    devices.stays = true;
    CHECK(devices.Down(device) == std::errc::device_or_resource_busy);
  }
}

TEST("a write error of the last flush is told and kept, and the device goes all the same") {
  Devices devices;
  devices.kernel.errors["fsync"] = std::errc::io_error;
  CHECK(devices.Down(kVault) == std::errc::io_error);
  CHECK(!devices.mapped);
  CHECK(devices.Said("/dev/mapper/vault: not everything could be written: Input/output error"));
}

TEST("a device that cannot be opened any more is no loss, and no success") {
  Devices devices;
  devices.kernel.errors["open /dev/md0"] = std::errc::no_such_device;
  CHECK(devices.Down(kArray) == std::errc::device_or_resource_busy);
  CHECK(devices.said.empty());
}

TEST("no single failing call of a teardown ends it, leaks a descriptor or is called success") {
  for (const auto& device : {kVault, kArray, kNbd, kZram})
    for (int nth = 1; nth < 20; ++nth) {
      Devices devices;
      devices.kernel.fail_nth = nth;
      const auto error = devices.Down(device);
      if (!error && device.kind == DeviceKind::kMapped) CHECK(!devices.mapped);
      CHECK(devices.kernel.open_paths.empty());
    }
}

}  // namespace teardown_test
