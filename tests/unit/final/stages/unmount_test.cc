// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/mount.h>

#include "check.h"
#include "final/stages/stages.h"
#include "final/storage/fuse.h"
#include "mount_machine.h"

namespace unmount_test {
using namespace curfew;
using Machine = MountMachine;

TEST("the stage makes disks read-only, then takes off tmpfs, swap, mounts and loops") {
  Machine machine;
  machine.Add("2 1 8:2 / /srv rw,nosuid - ext4 /dev/sdb rw");
  machine.Add("3 1 0:3 / /tmp rw - tmpfs tmpfs rw");
  machine.Add("4 2 7:0 / /srv/image rw - ext4 /dev/loop0 rw");
  machine.kernel.dirs["/sys/class/block"] = {"loop0", "loop1", "sda"};
  machine.kernel.files["/sys/class/block/loop0/loop/backing_file"] = "/srv/file";
  machine.kernel.files["/dev/loop0"] = "";
  machine.kernel.files["/proc/swaps"] = "/swapfile file 1024 10 -2\n";
  UnmountStage(machine.context);
  machine.kernel.calls.resize(11);
  CHECK_EQ(machine.kernel.calls,
           (std::vector<std::string>{
               "syncfs /srv/image", "mount /srv/image 0x21", "syncfs /srv/image", "syncfs /srv",
               "mount /srv 0x23", "syncfs /srv", "umount /tmp 0x8", "swapoff /swapfile",
               "umount /srv/image 0x8", "umount /srv 0x8", "fsync /dev/loop0"}));
  CHECK(machine.said.empty());
  CHECK_EQ(machine.mounts.size(), 1u);
  CHECK(machine.kernel.open_paths.empty());
}

TEST("what is busy at first is tried again as long as something changes") {
  Machine machine;
  machine.Add("2 1 0:2 / /t rw - tmpfs tmpfs rw");
  machine.Add("3 2 8:2 / /t/disk rw - ext4 /dev/sdb rw");
  machine.kernel.errors["umount /t 0x8"] = std::errc::device_or_resource_busy;
  auto answer = machine.kernel.on_call;
  machine.kernel.on_call = [&](const std::string& call) {
    answer(call);
    if (call == "umount /t/disk 0x8") machine.kernel.errors.clear();
  };
  UnmountStage(machine.context);
  CHECK_EQ(machine.Calls("umount"), "/t 0x8, /t/disk 0x8, /t 0x8");
  CHECK(machine.said.empty());
}

TEST("who mounts anew whatever goes does not hold up the end, and what else is there goes") {
  Machine machine;
  machine.Add("2 1 8:2 / /srv rw - ext4 /dev/sdb rw");
  machine.Add("3 1 8:3 / /good rw - ext4 /dev/sdc rw");
  auto answer = machine.kernel.on_call;
  int id = 100;
  machine.kernel.on_call = [&](const std::string& call) {
    answer(call);
    if (call != "umount /srv 0x8" || id == 200) return;
    machine.Add(std::to_string(++id) + " 1 8:2 / /srv rw - ext4 /dev/sdb rw");
  };
  UnmountStage(machine.context);
  CHECK(machine.kernel.Called("umount /good 0x8") && id < 200);
  CHECK_EQ(machine.mounts.size(), 2u);
}

TEST("what could not be written is said, and its mount is taken off all the same") {
  Machine machine;
  machine.Add("2 1 8:2 / /srv rw - ext4 /dev/sdb rw");
  machine.kernel.errors["syncfs /srv"] = std::errc::no_space_on_device;
  UnmountStage(machine.context);
  CHECK_EQ(machine.Calls("mount"), "/srv 0x21");
  CHECK_EQ(machine.Calls("umount"), "/srv 0x8");
  CHECK(machine.Said("/dev/sdb (/srv): not everything could be written: No space left on device"));
}

TEST("what only the remount could not write is said: neither it nor the unmount tells") {
  Machine machine;
  machine.Add("2 1 8:2 / /srv rw - xfs /dev/sdb rw");
  const auto answer = machine.kernel.on_call;
  machine.kernel.on_call = [&](const std::string& call) {
    answer(call);
    // A medium error, as the block layer names it.
    if (call == "mount /srv 0x21")
      machine.kernel.errors["syncfs /srv"] = std::errc::no_message_available;
  };
  UnmountStage(machine.context);
  CHECK_EQ(machine.Calls("umount"), "/srv 0x8");
  CHECK_EQ(machine.said, std::vector<std::string>{
                             "/dev/sdb (/srv): not everything could be written: " +
                             std::make_error_code(std::errc::no_message_available).message()});
}

TEST("a loop file that could not be written is said with its file and the disk below") {
  Machine machine;
  machine.Add("2 1 8:16 / /srv rw - ext4 /dev/sdb rw");
  machine.kernel.dirs["/sys/class/block"] = {"loop0", "sdb"};
  machine.kernel.files["/sys/class/block/sdb/dev"] = "8:16\n";
  machine.kernel.files["/sys/class/block/loop0/dev"] = "7:0\n";
  machine.kernel.files["/sys/class/block/loop0/loop/backing_file"] = "/srv/file\n";
  machine.kernel.files["/dev/loop0"] = "";
  machine.kernel.errors["umount /srv"] = std::errc::device_or_resource_busy;
  machine.kernel.errors["fsync /dev/loop0"] = std::errc::io_error;
  UnmountStage(machine.context);
  CHECK(
      machine.Said("/dev/loop0 of /srv/file on sdb: not everything could be written: "
                   "Input/output error"));
  CHECK(machine.kernel.files["/run/curfew/unwritten"].starts_with("/dev/loop0 of /srv/file"));
}

TEST("why something is not unmounted is said") {
  Machine machine;
  machine.Add("2 1 8:2 / /srv rw - ext4 /dev/sdb rw");
  machine.kernel.errors["umount /srv"] = std::errc::permission_denied;
  UnmountStage(machine.context);
  CHECK(machine.Said("/srv is not unmounted: Permission denied"));
}

TEST("what stays busy is named after a pass that changed nothing") {
  Machine machine;
  machine.Add("2 1 8:2 / /srv rw - ext4 /dev/sdb rw");
  machine.kernel.errors["umount /srv"] = std::errc::device_or_resource_busy;
  UnmountStage(machine.context);
  CHECK_EQ(machine.Calls("umount"), "/srv 0x8");
  CHECK(machine.Said("busy: /srv: no holder is found"));
}

TEST("what only devices hold is busy in the last halt alone, which takes these down before") {
  for (const bool last : {false, true}) {
    Machine machine;
    machine.request.last = last;
    machine.Add("2 1 8:2 / /srv rw - ext4 /dev/sdb rw");
    machine.kernel.dirs["/sys/class/block"] = {"dm-0"};
    machine.kernel.files["/sys/class/block/dm-0/dev"] = "253:0";
    machine.kernel.files["/sys/class/block/dm-0/dm/name"] = "vault";
    machine.kernel.dirs["/sys/class/block/dm-0/slaves"] = {"loop3"};
    machine.kernel.dirs["/sys/class/block"].push_back("loop3");
    machine.kernel.files["/sys/class/block/loop3/dev"] = "7:3";
    machine.kernel.files["/sys/class/block/loop3/loop/backing_file"] = "/srv/disk";
    machine.kernel.errors["umount /srv"] = std::errc::device_or_resource_busy;
    machine.kernel.errors["ioctl"] = std::errc::device_or_resource_busy;
    UnmountStage(machine.context);
    CHECK_EQ(machine.Said("busy: /srv: loop3 -> dm-0 \"vault\""), last);
    CHECK_EQ(machine.SaidWith("busy: /srv"), last ? 1 : 0);
  }
}

TEST("a busy mount that covers a writable disk is detached, and the disk unmounted") {
  Machine machine;
  machine.Add("2 1 8:2 / /srv/a rw - ext4 /dev/sdb rw");
  machine.Add("3 1 0:3 / /srv rw - tmpfs t rw");
  machine.kernel.errors["umount /srv 0x8"] = std::errc::device_or_resource_busy;
  machine.kernel.errors["umount /srv/a"] = std::errc::invalid_argument;
  machine.kernel.on_call = [&, answer = machine.kernel.on_call](const std::string& call) {
    answer(call);
    if (call == "umount /srv 0xa") machine.kernel.errors.clear();
  };
  UnmountStage(machine.context);
  CHECK_EQ(machine.Calls("umount"), "/srv 0x8, /srv/a 0x8, /srv 0xa, /srv/a 0x8");
  CHECK_EQ(machine.Calls("mount"), "/srv/a 0x21");
  CHECK(machine.said.empty() && machine.mounts.size() == 1);
}

TEST("a cover that is a writable disk or carries one stays, and is named") {
  for (const bool carries : {false, true}) {
    Machine machine;
    machine.Add("2 1 8:2 / /srv/a rw - ext4 /dev/sdb rw");
    machine.Add(carries ? "3 1 0:3 / /srv rw - tmpfs t rw"
                        : "3 1 8:3 / /srv rw - ext4 /dev/sdc rw");
    if (carries) machine.Add("4 3 8:4 / /srv/b rw - ext4 /dev/sdd rw");
    machine.kernel.errors["mount"] = std::errc::device_or_resource_busy;
    machine.kernel.errors["umount"] = std::errc::device_or_resource_busy;
    UnmountStage(machine.context);
    CHECK(machine.Calls("umount").find("0xa") == std::string::npos);
    CHECK(machine.Calls("mount").find("/srv/a ") == std::string::npos);
    CHECK(machine.Said("busy: /srv/a: the mount /srv covers it"));
  }
}

TEST("what carries / is not taken off, nor named where it cannot be") {
  Machine machine;
  machine.mounts = {"1 0 7:0 / / rw - ext4 /dev/loop0 rw"};
  machine.Add("2 1 8:2 / /host rw - ext4 /dev/sdb rw");
  machine.kernel.dirs["/sys/class/block"] = {"loop0"};
  machine.kernel.files["/sys/class/block/loop0/dev"] = "7:0";
  machine.kernel.files["/sys/class/block/loop0/loop/backing_file"] = "/host/file\n";
  UnmountStage(machine.context);
  CHECK(machine.kernel.calls.empty() && machine.said.empty());
}

TEST("the last halt takes shared memory off before it counts what swap has to go into") {
  for (const bool last : {false, true}) {
    Machine machine;
    machine.request.last = last;
    machine.Add("2 1 0:2 / /dev/shm rw - tmpfs shm rw");
    machine.Add("3 1 0:3 / /run/user/7 rw - tmpfs user rw");
    machine.Add("4 1 0:4 / /run/lock rw - tmpfs lock rw");
    machine.kernel.files["/proc/swaps"] = "/swapfile file 1024 10 -2\n";
    machine.kernel.errors["umount /dev/shm 0x8"] = std::errc::device_or_resource_busy;
    UnmountStage(machine.context);
    CHECK_EQ(machine.Calls("umount"), last ? "/run/user/7 0x8, /dev/shm 0x8, /dev/shm 0xa" : "");
    CHECK_EQ(machine.kernel.calls.back(), "swapoff /swapfile");
  }
}

TEST("swap that stays on is said once, however many passes there are") {
  Machine machine;
  machine.Add("2 1 0:2 / /t rw - tmpfs tmpfs rw");
  machine.kernel.files["/proc/swaps"] = "/swapfile file 1024 10 -2\n";
  machine.kernel.errors["swapoff"] = std::errc::not_enough_memory;
  UnmountStage(machine.context);
  CHECK_EQ(machine.said,
           (std::vector<std::string>{"swap /swapfile stays on: Cannot allocate memory"}));
  CHECK(machine.Calls("swapoff") == "/swapfile, /swapfile");
}

TEST("shared memory with a disk below is not detached, and no file in it is touched") {
  Machine machine;
  machine.request.last = true;
  machine.Add("2 1 0:2 / /dev/shm rw - tmpfs shm rw");
  machine.Add("3 2 8:2 / /dev/shm/disk rw - ext4 /dev/sdb rw");
  machine.kernel.files["/proc/swaps"] = "/swapfile file 1024 10 -2\n";
  machine.kernel.errors["umount"] = std::errc::device_or_resource_busy;
  machine.kernel.errors["swapoff"] = std::errc::not_enough_memory;
  UnmountStage(machine.context);
  CHECK(machine.Calls("umount").find("0xa") == std::string::npos);
  CHECK_EQ(machine.Calls("unlink"), "");
}

TEST("in a container nothing but its own mounts is touched, locked ones are tried once") {
  Machine machine;
  machine.request.container = true;
  machine.Add("2 1 8:2 / /locked rw - ext4 /dev/sdb rw");
  machine.Add("3 1 0:3 / /tmp rw - tmpfs tmpfs rw");
  machine.kernel.files["/proc/swaps"] = "/swapfile file 1024 10 -2\n";
  machine.kernel.errors["umount /locked"] = std::errc::invalid_argument;
  UnmountStage(machine.context);
  CHECK_EQ(machine.kernel.calls.size(), 3u);
  CHECK_EQ(machine.Calls("mount"), "/ " + ScriptedKernel::Hex(MS_REC | MS_PRIVATE));
  CHECK_EQ(machine.Calls("umount"), "/tmp 0x8, /locked 0x8");
  CHECK(machine.said.empty());
}

TEST("a device that misses its limit is named and not touched again, the others are") {
  Machine machine;
  machine.Add("2 1 8:3 / /good rw - ext4 /dev/sdc rw");
  machine.Add("3 1 8:2 / /srv rw - ext4 /dev/sdb rw");
  machine.Add("4 1 8:2 / /bind rw - ext4 /dev/sdb rw");
  machine.kernel.errors["mount /bind"] = std::errc::timed_out;
  UnmountStage(machine.context);
  CHECK(machine.Said("/dev/sdb (/bind) does not answer; it is left alone"));
  CHECK_EQ(machine.said.size(), 1u);
  CHECK_EQ(machine.Calls("umount"), "/good 0x8");
  CHECK_EQ(machine.Calls("mount"), "/bind 0x21, /good 0x21");
}

TEST("what one stage found dead costs the next ones nothing") {
  Machine machine;
  machine.Add("2 1 8:3 / /good rw - ext4 /dev/sdc rw");
  machine.Add("3 1 8:2 / /srv rw - ext4 /dev/sdb rw");
  machine.kernel.files["/run/curfew/dead"] = "8:2 /srv\n";
  UnmountStage(machine.context);
  CHECK_EQ(machine.Calls("mount") + ", " + machine.Calls("umount"), "/good 0x21, /good 0x8");
  CHECK(machine.said.empty());
}

TEST("a dead daemon's mount on a living one is detached, so that the living one goes") {
  Machine machine;
  machine.Add("2 1 8:3 / /good rw - ext4 /dev/sdc rw");
  machine.Add("3 2 0:52 / /good/dead rw - fuse.x x rw");
  machine.kernel.files["/run/curfew/dead"] = "0:52 /good/dead\n";
  UnmountStage(machine.context);
  CHECK_EQ(machine.Calls("umount"), "/good/dead 0xb, /good 0x8");
}

TEST("what is mounted inside a user's FUSE file system, closed to root, goes with it") {
  Machine machine;
  machine.Add("2 1 0:50 / /home/u/a rw - fuse.x x rw,user_id=1000");
  machine.Add("3 2 0:51 / /home/u/a/b rw - fuse.y y rw,user_id=1000");
  machine.kernel.errors["umount /home/u/a/b"] = std::errc::permission_denied;
  machine.kernel.errors["umount /home/u/a 0x8"] = std::errc::device_or_resource_busy;
  UnmountStage(machine.context);
  CHECK(machine.kernel.Called("umount /home/u/a 0xa"));
}

TEST("swap and loops on a dead device are left alone") {
  Machine machine;
  machine.Add("3 1 8:2 / /srv rw - ext4 /dev/sdb rw");
  machine.kernel.dirs["/sys/class/block"] = {"loop0"};
  machine.kernel.files["/sys/class/block/loop0/loop/backing_file"] = "/srv/file\n";
  machine.kernel.files["/dev/loop0"] = "";
  machine.kernel.files["/proc/swaps"] = "/srv/swap file 1024 10 -2\n";
  machine.kernel.files["/run/curfew/dead"] = "8:2 /srv\n";
  UnmountStage(machine.context);
  CHECK(machine.kernel.calls.empty());
}

TEST("only FUSE mounts go between TERM and KILL") {
  Machine machine;
  machine.Add("2 1 0:2 / /a rw - fuse.gocryptfs c rw");
  machine.Add("3 1 8:3 / /b rw - ext4 /dev/sdb rw");
  CHECK(UnmountFuse(machine.kernel));
  CHECK(!UnmountFuse(machine.kernel));
  CHECK_EQ(machine.Calls("umount"), "/a 0x8");
}

TEST("a FUSE daemon that does not let go is cut off from its file system") {
  Machine machine;
  machine.Add("2 1 0:34 / /a rw - fuse.gocryptfs c rw");
  machine.kernel.files["/sys/fs/fuse/connections/34/abort"] = "";
  machine.kernel.errors["umount /a"] = std::errc::timed_out;
  UnmountFuse(machine.kernel);
  CHECK(machine.kernel.Called("write /sys/fs/fuse/connections/34/abort 1"));
}

TEST("the unmount stages end whichever call fails") {
  for (int nth = 1; nth < 200; ++nth) {
    Machine machine;
    machine.Add("2 1 8:2 / /srv rw - ext4 /dev/sdb rw");
    machine.Add("3 1 0:3 / /nfs rw - nfs s:/x rw");
    machine.Add("4 1 0:4 / /tmp rw - tmpfs tmpfs rw");
    machine.kernel.files["/proc/swaps"] = "/swapfile file 1024 10 -2\n";
    machine.kernel.fail_nth = nth;
    UnmountNetworkStage(machine.context);
    UnmountStage(machine.context);
    if (static_cast<int>(machine.kernel.all.size()) < nth) break;
  }
}

TEST("a container's mounts are made private before the first unmount, no other machine's are") {
  for (const bool container : {true, false}) {
    Machine machine;
    machine.request.container = container;
    machine.Add("2 1 0:3 / /tmp rw - tmpfs tmpfs rw");
    UnmountStage(machine.context);
    const auto call = "mount / " + ScriptedKernel::Hex(MS_REC | MS_PRIVATE);
    CHECK_EQ(machine.kernel.calls.front() == call, container);
    CHECK_EQ(machine.kernel.Called(call), container);
    CHECK_EQ(machine.Calls("umount"), "/tmp 0x8");
  }
}

TEST("a dead mount is forced off only where it lies on one whose device answers") {
  for (const bool on_dead : {false, true}) {
    Machine machine;
    machine.Add("2 1 0:2 / /srv rw - overlay overlay rw");
    machine.Add("3 1 8:2 / /disk rw - ext4 /dev/sdb rw");
    machine.Add(on_dead ? "4 2 0:3 / /srv/data rw - overlay overlay rw"
                        : "4 3 0:3 / /disk/data rw - overlay overlay rw");
    machine.kernel.files["/run/curfew/dead"] = "0:2 /srv\n0:3 /data\n";
    UnmountStage(machine.context);
    CHECK_EQ(machine.Calls("umount"), on_dead ? "/disk 0x8" : "/disk/data 0xb, /disk 0x8");
  }
}

TEST("a dead mount that cannot be forced off is said, unless it is no mount any more") {
  for (const auto error : {std::errc::device_or_resource_busy, std::errc::invalid_argument}) {
    Machine machine;
    machine.Add("2 1 8:2 / /disk rw - ext4 /dev/sdb rw");
    machine.Add("3 2 0:3 / /disk/data rw - overlay overlay rw");
    machine.kernel.files["/run/curfew/dead"] = "0:3 /data\n";
    machine.kernel.errors["umount /disk/data"] = error;
    UnmountStage(machine.context);
    CHECK_EQ(machine.SaidWith("/disk/data is not detached: Device or resource busy"),
             error == std::errc::device_or_resource_busy ? 1 : 0);
  }
}

TEST("the last halt ends who holds a mount that nothing needs, and unmounts it then") {
  for (const bool last : {false, true}) {
    Machine machine;
    machine.request.last = last;
    machine.Add("2 1 8:2 / /srv rw - ext4 /dev/sdb rw");
    machine.kernel.errors["umount /srv"] = std::errc::device_or_resource_busy;
    auto& kernel = machine.kernel;
    kernel.dirs["/proc"] = {"10"};
    kernel.files["/proc/10/stat"] = "10 (late) S 1 10 10 0 -1 0 0 0 0 0 1 0 0 0 20 0 1 0 100 0 0\n";
    kernel.links["/proc/10/cwd"] = "/srv";
    kernel.on_poll = [&](std::span<pollfd> fds, std::chrono::milliseconds limit) -> Result<int> {
      kernel.now += limit;
      for (auto& fd : fds) fd.revents = kernel.files.contains("/proc/10/stat") ? 0 : POLLIN;
      return kernel.files.contains("/proc/10/stat") ? 0 : 1;
    };
    kernel.on_call = [&, answer = kernel.on_call](const std::string& call) {
      answer(call);
      if (call == "pidfd_signal 10 19") kernel.files["/proc/10/stat"].replace(10, 1, "T");
      if (call != "pidfd_signal 10 15") return;
      kernel.files.erase("/proc/10/stat");
      kernel.dirs["/proc"].clear();
      kernel.errors.clear();
    };
    UnmountStage(machine.context);
    CHECK_EQ(machine.Mounted("/srv"), !last);
    CHECK_EQ(machine.said,
             std::vector<std::string>{last ? "1 process that nothing needs any more ended: late"
                                           : "busy: /srv: late[10] (/srv)"});
  }
}

}  // namespace unmount_test
