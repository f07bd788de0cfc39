// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/fs.h>

#include "check.h"
#include "final/stages/stages.h"
#include "final_stage_test.h"

namespace read_only_test {
using namespace curfew;

namespace {

/// Two disks, one below /run; `accept`: a remount shows in mountinfo.
class Machine : public StageTest {
 public:
  explicit Machine(bool accept = true) {
    Publish("rw", "rw");
    kernel.on_call = [this, accept](const std::string& call) {
      if (accept && call.starts_with("mount / "))
        Publish("ro", call.ends_with("0x21") ? "ro" : "rw");
    };
  }

 private:
  void Publish(const std::string& mine, const std::string& super) {
    kernel.files["/proc/self/mountinfo"] =
        "1 0 8:1 / / " + mine + " - ext4 /dev/sda1 " + super +
        "\n2 1 0:2 / /run rw - tmpfs run rw\n3 2 8:3 / /run/usb rw - vfat /dev/sdb1 rw\n"
        "4 1 0:4 / /proc rw - autofs a rw\n";
  }
};

}  // namespace

TEST("/ is made read-only last, and what the kernel shows is said") {
  Machine machine;
  ReadOnlyStage(machine.context);
  CHECK_EQ(machine.kernel.calls, (std::vector<std::string>{"mount /run/usb 0x21", "syncfs /run/usb",
                                                           "mount / 0x21", "syncfs /"}));
  CHECK(machine.Said("/ is read-only"));
  CHECK(machine.Said("/run/usb is NOT read-only: the kernel still shows it writable"));
}

TEST("what becomes read-only without all its data is said, with device and mount point") {
  Machine machine;
  machine.kernel.errors["syncfs /"] = std::errc::io_error;
  ReadOnlyStage(machine.context);
  CHECK(machine.Said("/ is read-only"));
  CHECK(machine.Said("/dev/sda1 (/): not everything could be written: Input/output error"));
}

TEST("a file system that refuses every change is said to do so, not to be read-only") {
  Machine machine(false);
  machine.kernel.errors["mount /"] = std::errc::read_only_file_system;
  ReadOnlyStage(machine.context);
  CHECK(machine.Said("/ is NOT read-only: its file system refuses every change"));
}

TEST("with quiet only what is not read-only is said") {
  Machine machine;
  machine.request.settings.quiet = true;
  ReadOnlyStage(machine.context);
  CHECK(!machine.Said("/ is read-only"));
  CHECK(machine.Said("/run/usb is NOT read-only: the kernel still shows it writable"));
}

TEST("without mountinfo / is remounted once, and said") {
  for (const bool works : {true, false}) {
    StageTest machine;
    if (!works) machine.kernel.errors["mount"] = std::errc::device_or_resource_busy;
    ReadOnlyStage(machine.context);
    CHECK_EQ(machine.kernel.calls, std::vector<std::string>{"mount / 0x21"});
    CHECK_EQ(machine.said,
             std::vector<std::string>{
                 "/proc/self/mountinfo cannot be read; / is " +
                 std::string(works ? "read-only" : "NOT read-only: Device or resource busy")});
  }
}

TEST("Red Hat's mark of a boot goes and SUSE's of a clean end comes, while / is writable") {
  for (const auto& [layout, call] : {std::pair(Layout::kRedHat, "unlink /.autofsck"),
                                     {Layout::kSuse, "create /success"},
                                     {Layout::kDebian, ""},
                                     {Layout::kLfs, ""}})
    for (const auto& [shutdown, container] :
         {std::pair(true, false), {true, true}, {false, false}}) {
      Machine machine(false);
      machine.request.container = container;
      machine.request.settings.layout = layout;
      machine.request.in_shutdown = shutdown;
      ReadOnlyStage(machine.context);
      const auto& calls = machine.kernel.calls;
      const auto is = [](const char* word) {
        return [word](const std::string& line) { return line.starts_with(word); };
      };
      const auto mark = std::find_if(calls.begin(), calls.end(), [](const std::string& line) {
        return line == "unlink /.autofsck" || line == "create /success";
      });
      const bool wanted = *call && shutdown;
      CHECK_EQ(mark == calls.end() ? std::string() : *mark, std::string(wanted ? call : ""));
      CHECK(!wanted || mark < std::find_if(calls.begin(), calls.end(), is("mount / ")));
    }
}

TEST("a refused remount is said with its reason") {
  Machine machine(false);
  machine.kernel.errors["mount / "] = std::errc::device_or_resource_busy;
  machine.kernel.errors["mount /"] = std::errc::device_or_resource_busy;
  ReadOnlyStage(machine.context);
  CHECK(machine.Said("/ is NOT read-only: Device or resource busy"));
}

TEST("a disk that is in use is frozen; the root is not, nor what failed in another way") {
  for (const auto error : {std::errc::device_or_resource_busy, std::errc::io_error}) {
    Machine machine(false);
    machine.kernel.files["/run/usb"] = machine.kernel.files["/"] = "";
    machine.kernel.errors["mount"] = error;
    ReadOnlyStage(machine.context);
    const bool busy = error == std::errc::device_or_resource_busy;
    CHECK_EQ(machine.kernel.Called("ioctl /run/usb " + ScriptedKernel::Hex(FIFREEZE)), busy);
    CHECK(!machine.kernel.Called("ioctl / " + ScriptedKernel::Hex(FIFREEZE)));
    CHECK_EQ(machine.Said("/run/usb is NOT read-only: Device or resource busy; it is frozen"),
             busy);
  }
}

TEST("a root on a loop file goes before the disk of that file, which is never frozen") {
  StageTest test;
  test.kernel.files["/proc/self/mountinfo"] =
      "1 0 8:1 / /host rw - ext4 /dev/vda rw\n2 1 7:0 / / rw - ext4 /dev/loop0 rw\n";
  test.kernel.dirs["/sys/class/block"] = {"loop0"};
  test.kernel.files["/sys/class/block/loop0/dev"] = "7:0\n";
  test.kernel.files["/sys/class/block/loop0/loop/backing_file"] = "/host/inner.img\n";
  test.kernel.files["/host"] = test.kernel.files["/"] = "";
  test.kernel.errors["mount"] = std::errc::device_or_resource_busy;
  ReadOnlyStage(test.context);
  CHECK_EQ(test.kernel.calls, (std::vector<std::string>{"mount / 0x21", "mount /host 0x21"}));
}

TEST("before the last halt a disk that a loop device holds is neither frozen nor told") {
  StageTest test;
  test.kernel.files["/proc/self/mountinfo"] =
      "1 0 8:1 / / rw - ext4 /dev/vda ro\n2 1 8:2 / /srv rw - ext4 /dev/sda2 rw\n";
  test.kernel.dirs["/sys/class/block"] = {"loop0"};
  test.kernel.files["/sys/class/block/loop0/dev"] = "7:0\n";
  test.kernel.files["/sys/class/block/loop0/loop/backing_file"] = "/srv/image\n";
  test.kernel.files["/srv"] = "";
  test.kernel.errors["mount"] = std::errc::device_or_resource_busy;
  ReadOnlyStage(test.context);
  CHECK(!test.kernel.Called("ioctl /srv " + ScriptedKernel::Hex(FIFREEZE)));
  CHECK(test.said.empty());
  CHECK(test.context.left_writable.empty());
}

TEST("a disk that carries something writable is not frozen: that could not be written any more") {
  for (const auto error : {std::errc::io_error, std::errc::device_or_resource_busy}) {
    StageTest test;
    test.kernel.files["/proc/self/mountinfo"] =
        "1 0 8:1 / / rw - ext4 /dev/vda ro\n2 1 8:2 / /srv rw - ext4 /dev/sda2 rw\n"
        "3 1 7:0 / /mnt rw - ext4 /dev/loop0 rw\n";
    test.kernel.dirs["/sys/class/block"] = {"loop0"};
    test.kernel.files["/sys/class/block/loop0/dev"] = "7:0\n";
    test.kernel.files["/sys/class/block/loop0/loop/backing_file"] = "/srv/image\n";
    test.kernel.files["/srv"] = test.kernel.files["/mnt"] = "";
    test.kernel.errors["mount /srv"] = std::errc::device_or_resource_busy;
    test.kernel.errors["mount /mnt"] = error;
    test.request.last = true;
    ReadOnlyStage(test.context);
    CHECK_EQ(test.kernel.calls.at(0), "mount /mnt 0x21");
    CHECK_EQ(test.kernel.Called("ioctl /srv " + ScriptedKernel::Hex(FIFREEZE)),
             error == std::errc::device_or_resource_busy);
    CHECK(test.kernel.open_paths.empty());
  }
}

namespace {

/// A machine whose / is busy; `u` makes it read-only.
class Busy : public StageTest {
 public:
  Busy() {
    request.last = true;
    kernel.files["/proc/self/mountinfo"] = "1 0 8:1 / / rw - ext4 /dev/vda rw\n";
    kernel.files["/proc/sysrq-trigger"] = "";
    kernel.errors["mount"] = std::errc::device_or_resource_busy;
    kernel.on_call = [this](const std::string& call) {
      if (call == "write_open /proc/sysrq-trigger u")
        kernel.files["/proc/self/mountinfo"] = "1 0 8:1 / / rw - ext4 /dev/vda ro\n";
    };
  }
  bool Forced() const { return kernel.Called("write_open /proc/sysrq-trigger u"); }
};

}  // namespace

TEST("where / stays writable the last halt forces it, and says so") {
  Busy machine;
  ReadOnlyStage(machine.context);
  CHECK(machine.Said("/ is read-only, by force: Device or resource busy"));
  CHECK(machine.kernel.open_paths.empty());
}

TEST("a covered disk is not asked by its path, which leads to another one, but forced") {
  Busy machine;
  auto& kernel = machine.kernel;
  const std::string rest =
      "1 0 8:1 / / rw - ext4 /dev/vda ro\n3 1 0:3 / /srv rw - tmpfs t rw\n2 1 8:2 / /srv/a rw - "
      "ext4 ";
  kernel.files["/proc/self/mountinfo"] = rest + "/dev/vdb rw\n";
  kernel.files["/srv/a"] = "";
  kernel.on_call = [&](const std::string& call) {
    if (call == "write_open /proc/sysrq-trigger u")
      kernel.files["/proc/self/mountinfo"] = rest + "/dev/vdb ro\n";
  };
  ReadOnlyStage(machine.context);
  CHECK(machine.Forced() && !kernel.Called("mount /srv/a 0x21"));
  CHECK(!kernel.Called("ioctl /srv/a " + ScriptedKernel::Hex(FIFREEZE)));
  CHECK_EQ(machine.said,
           std::vector<std::string>{"/srv/a is read-only, by force: the mount /srv covers it"});
}

TEST("a disk whose path is too long for any call is not called frozen, but forced") {
  Busy machine;
  const std::string above = "/" + std::string(6000, 'x'), path = above + "/y/z";
  const auto lines =
      "1 0 8:1 / / rw - ext4 /dev/vda ro\n2 1 8:2 / " + path + " rw - ext4 /dev/vdb ";
  auto& kernel = machine.kernel;
  kernel.files["/proc/self/mountinfo"] = lines + "rw\n";
  kernel.dirs["/"] = {};
  kernel.errors["stat " + above] = std::errc::filename_too_long;
  kernel.on_call = [&](const std::string& call) {
    if (call == "write_open /proc/sysrq-trigger u")
      kernel.files["/proc/self/mountinfo"] = lines + "ro\n";
  };
  ReadOnlyStage(machine.context);
  CHECK(machine.Forced());
  CHECK_EQ(machine.said,
           std::vector<std::string>{path + " is read-only, by force: File name too long"});
}

TEST("nothing is forced before the last halt, in a container, or for a device that is dead") {
  Busy early, inside, dead;
  early.request.last = false;
  inside.request.container = true;
  dead.kernel.files["/run/curfew/dead"] = "8:1 /\n";
  for (Busy* machine : {&early, &inside, &dead}) {
    ReadOnlyStage(machine->context);
    CHECK(!machine->Forced());
    CHECK(machine->said.at(0).starts_with("/ is NOT read-only: "));
  }
}

TEST("where force does not help, that is said") {
  Busy machine;
  machine.kernel.on_call = {};
  ReadOnlyStage(machine.context);
  CHECK(machine.Forced() && machine.Said("/ is NOT read-only: Device or resource busy"));
}

TEST("a file system that is active and mounted nowhere here is named and forced") {
  Busy machine;
  auto& kernel = machine.kernel;
  kernel.files["/proc/self/mountinfo"] =
      "1 0 8:1 / / rw - ext4 /dev/vda ro\n2 1 0:30 / /data rw - btrfs /dev/vdc ro\n";
  kernel.dirs["/sys/class/block"] = {"vda", "vdb", "vdc", "loop0"};
  kernel.files["/sys/class/block/loop0/dev"] = "7:0\n";
  kernel.files["/sys/class/block/loop0/ro"] = "1\n";
  kernel.files["/sys/class/block/vda/dev"] = "8:1\n";
  kernel.files["/sys/class/block/vdb/dev"] = "8:2\n";
  kernel.files["/sys/class/block/vdc/dev"] = "8:3\n";
  kernel.dirs["/sys/fs"] = {"cgroup", "ext4", "btrfs"};
  kernel.dirs["/sys/fs/ext4"] = {"features", "vda", "vdb", "loop0"};
  kernel.dirs["/sys/fs/btrfs"] = {"features", "1234-5678"};
  kernel.dirs["/sys/fs/btrfs/1234-5678/devices"] = {"vdc"};
  ReadOnlyStage(machine.context);
  CHECK(machine.Forced());
  CHECK_EQ(machine.said,
           (std::vector<std::string>{"ext4 on vdb is in use where halt cannot see it; "
                                     "it is made read-only by force"}));
}

TEST("a mount that is read-only on a superblock that is not: the superblock counts") {
  StageTest test;
  test.kernel.files["/proc/self/mountinfo"] =
      "1 0 8:1 / / ro,relatime - ext4 /dev/sda1 rw\n2 1 8:2 / /usr ro - ext4 /dev/sda2 rw\n";
  ReadOnlyStage(test.context);
  CHECK_EQ(test.kernel.calls, (std::vector<std::string>{"mount /usr 0x21", "syncfs /usr",
                                                        "mount / 0x200021", "syncfs /"}));
  CHECK(test.Said("/ is NOT read-only: the kernel still shows it writable"));
}

TEST("a container that owns no superblock makes its own mount read-only") {
  Machine machine;
  machine.request.container = true;
  machine.kernel.errors["mount / 0x21"] = std::errc::operation_not_permitted;
  ReadOnlyStage(machine.context);
  CHECK_EQ(machine.kernel.calls, (std::vector<std::string>{"mount / 0x21", "mount / 0x1021"}));
  CHECK(machine.Said("/ is read-only"));
}

TEST("only deleted files count as such, memory does not") {
  const std::string memory =
      "7f00-7f01 r-xp 00000000 08:01 5   /lib/libc.so.6\n"
      "7f00-7f01 rw-s 00000000 00:01 5   /memfd:x (deleted)\n"
      "7f00-7f01 rw-s 00000000 00:01 5   /SYSV0000 (deleted)\n"
      "7f00-7f01 rw-s 00000000 00:01 5   /dev/zero (deleted)\n";
  for (const bool deleted : {false, true}) {
    Machine machine;
    machine.kernel.files["/run/initctl"] = "";
    machine.kernel.files["/proc/1/maps"] =
        memory + (deleted ? "7f00-7f01 r-xp 00000000 08:01 5   /lib/libc.so.6 (deleted)\n" : "");
    ReadOnlyStage(machine.context);
    CHECK_EQ(machine.kernel.files["/run/initctl"].empty(), !deleted);
  }
}

TEST("an init with deleted libraries is asked to execute itself anew, and waited for") {
  Machine machine;
  machine.kernel.files["/proc/1/maps"] = "0-1 r-xp 0 08:01 5 /sbin/init (deleted)\n";
  machine.kernel.files["/run/initctl"] = "";
  machine.kernel.on_poll = [&](auto, auto) {
    machine.kernel.files["/proc/1/maps"].clear();
    return 0;
  };
  ReadOnlyStage(machine.context);
  const auto& request = machine.kernel.files["/run/initctl"];
  CHECK_EQ(request.size(), 384u);
  CHECK_EQ(request.substr(0, 9), std::string("\x69\x19\x09\x03\x01\0\0\0U", 9));
  CHECK(!machine.Said("init still uses deleted files; / may stay writable"));
}

TEST("an init that stays as it is costs 1 s and a line") {
  Machine machine;
  machine.kernel.files["/proc/1/maps"] = "0-1 r-xp 0 08:01 5 /sbin/init (deleted)\n";
  machine.kernel.files["/run/initctl"] = "";
  ReadOnlyStage(machine.context);
  CHECK(machine.Said("init still uses deleted files; / may stay writable"));
  CHECK(machine.kernel.now <= std::chrono::milliseconds(1100));
}

TEST("an init whose maps cannot be read is not asked, and named") {
  Machine machine;
  machine.kernel.files["/proc/1/maps"] = "0-1 r-xp 0 08:01 5 /sbin/init (deleted)\n";
  machine.kernel.files["/run/initctl"] = "";
  machine.kernel.errors["read /proc/1/maps"] = std::errc::permission_denied;
  ReadOnlyStage(machine.context);
  CHECK(machine.Said("init's libraries cannot be checked: Permission denied"));
  CHECK_EQ(machine.kernel.files["/run/initctl"], "");
}

TEST("an init that does not listen is not woken: what --fast has stopped starts nothing again") {
  Machine machine;
  machine.kernel.files["/proc/1/maps"] = "0-1 r-xp 0 08:01 5 /bin/busybox (deleted)\n";
  ReadOnlyStage(machine.context);
  CHECK(!machine.kernel.Called("kill 1 18"));
}

TEST("what is read-only already is not said again") {
  Machine machine;
  ReadOnlyStage(machine.context);
  machine.said.clear();
  ReadOnlyStage(machine.context);
  CHECK(!machine.Said("/ is read-only"));
}

TEST("each writable disk is synced once, but nothing that is only memory; nothing after -n") {
  Machine machine;
  SyncStage(machine.context);
  CHECK_EQ(machine.kernel.calls, (std::vector<std::string>{"syncfs /", "syncfs /run/usb", "sync"}));
  machine.kernel.calls.clear();
  machine.request.sync = false;
  SyncStage(machine.context);
  CHECK(machine.kernel.calls.empty());
}

TEST("the read-only and sync stages end whichever call fails") {
  for (int nth = 1; nth < 100; ++nth) {
    Machine machine;
    machine.kernel.files["/proc/1/maps"] = "0-1 r-xp 0 08:01 5 /sbin/init (deleted)\n";
    machine.kernel.files["/run/initctl"] = "";
    machine.kernel.fail_nth = nth;
    ReadOnlyStage(machine.context);
    SyncStage(machine.context);
    CHECK(!machine.said.empty());
  }
}

}  // namespace read_only_test
