// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/block_device.h"

#include "check.h"
#include "scripted_kernel.h"

namespace block_device_test {
using namespace curfew;

namespace {

/// The one device `name`, with these files of its directory in sysfs.
BlockDevice Read(const std::string& name, const std::map<std::string, std::string>& files,
                 const std::vector<std::string>& slaves = {}, const std::string& place = "") {
  ScriptedKernel kernel;
  const auto dir = "/sys/class/block/" + name;
  kernel.dirs["/sys/class/block"] = {name};
  kernel.dirs[dir + "/slaves"] = slaves;
  for (const auto& [file, text] : files) kernel.files[dir + "/" + file] = text + "\n";
  if (!place.empty()) kernel.links[dir] = place;
  return ReadBlockDevices(kernel).at(0);
}

}  // namespace

TEST("a member of an md container stands on its disks and on the container, which is told apart") {
  const auto member =
      Read("md126", {{"md/array_state", "clean"}, {"md/metadata_version", "external:/md127/0"}},
           {"sda"});
  CHECK(member.kind == DeviceKind::kRaid && member.active);
  CHECK_EQ(member.below, (std::vector<std::string>{"sda", "md127"}));
  const auto container =
      Read("md127", {{"md/array_state", "inactive"}, {"md/metadata_version", "external:imsm"}});
  CHECK(container.active && container.below.empty());
}

TEST("what was taken down is there still, but not active") {
  CHECK(!Read("md0", {{"md/array_state", "clear"}}).active);
  CHECK(!Read("md0", {}).active);
  CHECK(!Read("loop0", {}).active);
  CHECK(!Read("nbd0", {}).active);
  CHECK(!Read("zram0", {{"disksize", "0"}}).active);
  CHECK(Read("nbd0", {{"pid", "812"}}).active);
  CHECK(Read("dm-0", {}).active);
}

TEST("zram stands on its backing device; without one it stands on nothing") {
  const std::string size = "1048576";
  CHECK_EQ(Read("zram0", {{"disksize", size}, {"backing_dev", "/dev/loop0"}}).below,
           (std::vector<std::string>{"loop0"}));
  CHECK(Read("zram0", {{"disksize", size}, {"backing_dev", "none"}}).below.empty());
}

TEST("a partition is one whatever its disk, and is nothing that can be taken down") {
  for (const char* disk : {"loop0", "md0", "nbd0"}) {
    const auto name = std::string(disk) + "p1";
    const auto part = Read(name, {}, {}, "../../devices/virtual/block/" + (disk + ("/" + name)));
    CHECK(part.kind == DeviceKind::kPartition && !part.IsMade());
    CHECK_EQ(part.below, std::vector<std::string>{disk});
  }
}

}  // namespace block_device_test
