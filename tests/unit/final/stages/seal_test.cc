// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/fs.h>

#include "check.h"
#include "final/stages/stages.h"
#include "final/storage/closing_line.h"
#include "final/storage/mountinfo.h"
#include "final_stage_test.h"

namespace seal_test {
using namespace curfew;

namespace {

using Lines = std::vector<std::string>;

constexpr const char* kShutDown = "0x8004587d";  ///< XFS_IOC_GOINGDOWN of <linux/xfs_fs.h>

/// The last halt after its hooks: / is read-only, and /srv is what `type` and `options` say.
class Machine : public StageTest {
 public:
  explicit Machine(const std::string& type = "xfs", const std::string& options = "rw") {
    request.last = true;
    Add("8:1 / / rw - ext4 /dev/sda1 ro");
    Add("8:17 / /srv rw - " + type + " /dev/sdb1 " + options);
    context.left_writable["/srv"] = "in use";
    kernel.files["/proc/sysrq-trigger"] = "";
  }
  void Add(const std::string& line) {
    kernel.files["/proc/self/mountinfo"] += std::to_string(++id_) + " 1 " + line + "\n";
    kernel.files[ParseMountInfo("1 1 " + line).at(0).target] = "";
  }
  void AddDevice(const std::string& name, const std::string& number, const Lines& below,
                 const std::string& file = "") {
    const std::string dir = "/sys/class/block/" + name;
    kernel.dirs["/sys/class/block"].push_back(name);
    kernel.files[dir + "/dev"] = number + "\n";
    kernel.dirs[dir + "/slaves"] = below;
    if (!file.empty()) kernel.files[dir + "/loop/backing_file"] = file + "\n";
  }
  /// What is done to file systems: "freeze /srv", "shut down /srv", "u".
  Lines Run() {
    SealStage(context);
    Lines done;
    for (const auto& call : kernel.calls) {
      const auto is = [&](const std::string& request) {
        return call.starts_with("ioctl ") && call.ends_with(" " + request);
      };
      const auto path = call.substr(std::min(call.find(' ') + 1, call.size()),
                                    call.rfind(' ') - call.find(' ') - 1);
      if (is(ScriptedKernel::Hex(FIFREEZE))) done.push_back("freeze " + path);
      if (is(kShutDown)) done.push_back("shut down " + path);
      if (call == "write_open /proc/sysrq-trigger u") done.push_back("u");
      if (call.starts_with("fsync ") || call.starts_with("syncfs ")) done.push_back(call);
    }
    return done;
  }
  void Refuse(const std::string& target, std::errc error) {
    kernel.errors["ioctl " + target + " " + ScriptedKernel::Hex(FIFREEZE)] = error;
  }

 private:
  int id_ = 0;
};

}  // namespace

TEST("what the kernel could not be forced to make read-only is frozen, and said") {
  Machine machine;
  CHECK_EQ(machine.Run(), Lines{"freeze /srv"});
  CHECK_EQ(machine.said, Lines{"/dev/sdb1 (/srv) takes no more writes: it is frozen"});
  CHECK_EQ(machine.events, Lines{"sealed /srv frozen"});
  CHECK_EQ(MakeClosingLine(machine.context).Text(), "not clean: /srv (in use; it is frozen)");
  CHECK(machine.kernel.open_paths.empty());
}

TEST("what cannot be frozen is written and shut down with its log, where its type can be") {
  for (const char* type : {"ext4", "xfs", "f2fs", "vfat"}) {
    Machine machine(type);
    machine.Refuse("/srv", std::errc::operation_not_supported);
    std::uint32_t with = 0;
    machine.kernel.on_ioctl = [&](int, unsigned long request, void* argument) {
      if (ScriptedKernel::Hex(request) == kShutDown) with = *static_cast<std::uint32_t*>(argument);
      return Result<int>(0);
    };
    const bool can = type != std::string("vfat");
    Lines wanted{"freeze /srv", "syncfs /srv"};
    if (can) wanted.push_back("shut down /srv");
    CHECK_EQ(machine.Run(), wanted);
    CHECK_EQ(with, can ? 1u : 0u);
    CHECK_EQ(
        machine.said,
        Lines{can ? "/dev/sdb1 (/srv) takes no more writes: it is shut down, its log is on the "
                    "disk"
                  : "/dev/sdb1 (/srv) stays writable: it can neither be frozen nor shut down"});
    CHECK_EQ(machine.context.left_writable["/srv"],
             can ? "in use; it is shut down, its log is on the disk"
                 : "in use; it can neither be frozen nor shut down");
  }
}

TEST("what cannot be written before its shutdown is said as lost") {
  Machine machine;
  machine.Refuse("/srv", std::errc::io_error);
  machine.kernel.errors["syncfs /srv"] = std::errc::io_error;
  machine.Run();
  CHECK(machine.Said("/dev/sdb1 (/srv): not everything could be written: Input/output error"));
  CHECK(
      machine.Said("/dev/sdb1 (/srv) takes no more writes: it is shut down, its log is on the "
                   "disk"));
}

TEST("a disk that answers none of the calls is given up and not called shut down") {
  Machine machine;
  machine.Refuse("/srv", std::errc::timed_out);
  machine.kernel.errors["syncfs /srv"] = std::errc::timed_out;
  CHECK_EQ(machine.Run(), (Lines{"freeze /srv", "syncfs /srv"}));
  CHECK_EQ(machine.said, Lines{"/dev/sdb1 (/srv) does not answer; it is left alone"});
}

TEST("what became writable after the hooks is forced first; what then is read-only is not frozen") {
  for (const bool works : {true, false}) {
    Machine machine;
    machine.context.left_writable.clear();
    machine.kernel.on_call = [&](const std::string& call) {
      if (!works || call != "write_open /proc/sysrq-trigger u") return;
      machine.kernel.files["/proc/self/mountinfo"] = "2 1 8:17 / /srv rw - xfs /dev/sdb1 ro\n";
    };
    CHECK_EQ(machine.Run(), works ? Lines{"u"} : (Lines{"u", "freeze /srv"}));
    CHECK_EQ(machine.Said("/srv was writable again; it is read-only, by force"), works);
    CHECK_EQ(MakeClosingLine(machine.context).left.empty(), works);
  }
}

TEST("what is frozen already is not said again") {
  Machine machine;
  machine.context.left_writable["/srv"] = "Device or resource busy; it is frozen";
  machine.Refuse("/srv", std::errc::device_or_resource_busy);
  CHECK_EQ(machine.Run(), Lines{"freeze /srv"});
  CHECK(machine.said.empty());
}

TEST("nothing is done where all is read-only, before the last halt, and to what is dead") {
  for (int which = 0; which < 3; ++which) {
    Machine machine("xfs", which == 0 ? "ro" : "rw");
    if (which == 1) machine.request.last = false;
    if (which == 2) machine.kernel.files["/run/curfew/dead"] = "8:17 /srv\n";
    CHECK_EQ(machine.Run(), Lines{});
    CHECK(machine.said.empty());
  }
}

TEST("/, /usr and what carries them are never frozen nor shut down") {
  for (const char* line :
       {"8:17 / / rw - xfs /dev/sdb1 rw", "8:17 / /usr rw - xfs /dev/sdb1 rw",
        "7:0 / / rw - ext4 /dev/loop0 ro",
        "0:40 / / rw - overlay o ro,lowerdir=/l,upperdir=/srv/u,workdir=/srv/w"}) {
    Machine machine;
    machine.AddDevice("loop0", "7:0", {}, "/srv/image");
    machine.Add(line);
    for (const char* target : {"/", "/usr"}) machine.context.left_writable[target] = "in use";
    CHECK_EQ(machine.Run(), Lines{});
    CHECK(machine.said.empty());
  }
}

TEST("what carries something writable is not frozen; after the carried was, it is") {
  for (const bool freezes : {true, false}) {
    Machine machine;
    machine.AddDevice("loop0", "7:0", {}, "/srv/image");
    machine.Add("7:0 / /image rw - vfat /dev/loop0 rw");
    machine.context.left_writable["/image"] = "in use";
    if (!freezes) machine.Refuse("/image", std::errc::operation_not_supported);
    const Lines done = machine.Run();
    CHECK_EQ(done.front(), "freeze /image");
    CHECK_EQ(done.back(), freezes ? "freeze /srv" : "syncfs /image");
  }
  Machine machine;
  machine.Add("0:40 / /over rw - overlay o rw,lowerdir=/l,upperdir=/srv/u,workdir=/srv/w");
  CHECK_EQ(machine.Run(), Lines{});
}

TEST("an array in files, to which the kernel writes at reboot(2), keeps its carrier writable") {
  for (const char* name : {"md0", "dm-0"}) {
    Machine machine;
    machine.AddDevice("loop0", "7:0", {}, "/srv/image");
    machine.AddDevice(name, "9:0", {"loop0"});
    CHECK_EQ(machine.Run(), Lines{});
  }
  Machine machine;
  machine.AddDevice("loop0", "7:0", {}, "/srv/image");
  CHECK_EQ(machine.Run(), Lines{"freeze /srv"});
}

TEST("a mount that another one covers is left alone: the calls would be about that one") {
  Machine machine;
  machine.Add("0:41 / /srv rw - tmpfs tmpfs rw");
  CHECK_EQ(machine.Run(), Lines{});
}

TEST("after it the caches of the disks are flushed again") {
  Machine machine;
  machine.kernel.dirs["/sys/block"] = {"sdb"};
  machine.kernel.files["/sys/block/sdb/queue/write_cache"] = "write back\n";
  machine.kernel.files["/dev/sdb"] = "";
  CHECK_EQ(machine.Run(), (Lines{"freeze /srv", "fsync /dev/sdb"}));
}

TEST("where no child can be had no freeze is tried in halt itself") {
  Machine machine;
  machine.kernel.errors["fork"] = std::errc::resource_unavailable_try_again;
  const Lines done = machine.Run();
  CHECK(std::find(done.begin(), done.end(), "freeze /srv") == done.end());
}

TEST("whichever call fails, the stage ends and says what it could not do") {
  Machine calm;
  calm.Run();
  for (int n = 1; n <= static_cast<int>(calm.kernel.all.size()); ++n) {
    Machine machine;
    machine.kernel.fail_nth = n;
    machine.Run();
    CHECK(!MakeClosingLine(machine.context).left.empty());
    CHECK(machine.kernel.open_paths.empty());
  }
}

}  // namespace seal_test
