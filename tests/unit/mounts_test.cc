// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/mounts.h"

#include <linux/loop.h>
#include <sys/mount.h>

#include "check.h"
#include "final/mountinfo.h"
#include "final_stage_test.h"

using namespace curfew;

namespace {

/// A machine whose mounts go when they are unmounted and nothing pins them.
class Machine : public StageTest {
 public:
  std::vector<std::string> mounts{"1 0 8:1 / / rw - ext4 /dev/sda1 rw"};

  Machine() {
    Publish();
    kernel.on_call = [this](const std::string& call) { Answer(call); };
    kernel.on_ioctl = [this](int fd, unsigned long request, void*) { return Loop(fd, request); };
  }
  void Add(const std::string& line) {
    mounts.push_back(line);
    Publish();
  }
  bool Mounted(const std::string& target) const {
    return std::any_of(mounts.begin(), mounts.end(), [&](const std::string& line) {
      return line.find(" / " + target + " rw") != std::string::npos;
    });
  }
  /// The calls that begin with `word`, without it.
  std::string Calls(const std::string& word) const {
    std::string text;
    for (const auto& call : kernel.calls)
      if (call.starts_with(word + " "))
        text += (text.empty() ? "" : ", ") + call.substr(word.size() + 1);
    return text;
  }

 private:
  void Publish() {
    auto& text = kernel.files["/proc/self/mountinfo"];
    text.clear();
    for (const auto& line : mounts) text += line + "\n";
  }
  void Answer(const std::string& call) {
    for (const auto& [planned, error] : kernel.errors)
      if (call.starts_with(planned)) return;
    if (kernel.fail_nth == static_cast<int>(kernel.all.size())) return;
    if (call.starts_with("umount ")) {
      auto target = call.substr(7, call.rfind(' ') - 7);
      for (auto line = mounts.rbegin(); line != mounts.rend(); ++line) {
        if (ParseMountInfo(*line).at(0).target != target) continue;
        mounts.erase(line.base() - 1);
        break;
      }
      Publish();
    }
    if (call.starts_with("swapoff ")) kernel.files["/proc/swaps"].clear();
  }
  Result<int> Loop(int fd, unsigned long request) {
    auto name = kernel.open_paths[fd].substr(5);
    auto file = "/sys/block/" + name + "/loop/backing_file";
    if (request == LOOP_CLR_FD) kernel.files.erase(file);
    if (request == LOOP_GET_STATUS64 && !kernel.files.contains(file))
      return std::make_error_code(std::errc::no_such_device_or_address);
    return 0;
  }
};

}  // namespace

TEST("the stage makes disks read-only, then takes off tmpfs, swap, mounts and loops") {
  Machine machine;
  machine.Add("2 1 8:2 / /srv rw,nosuid - ext4 /dev/sdb rw");
  machine.Add("3 1 0:3 / /tmp rw - tmpfs tmpfs rw");
  machine.Add("4 2 7:0 / /srv/image rw - ext4 /dev/loop0 rw");
  machine.kernel.dirs["/sys/block"] = {"loop0", "loop1", "sda"};
  machine.kernel.files["/sys/block/loop0/loop/backing_file"] = "/srv/file";
  machine.kernel.files["/dev/loop0"] = "";
  machine.kernel.files["/proc/swaps"] = "/swapfile file 1024 10 -2\n";
  UnmountStage(machine.context);
  CHECK_EQ(machine.kernel.calls.at(0), "mount /srv/image 0x21");
  CHECK_EQ(machine.kernel.calls.at(1), "mount /srv 0x23");
  CHECK_EQ(machine.kernel.calls.at(2), "umount /tmp 0x8");
  CHECK_EQ(machine.kernel.calls.at(3), "swapoff /swapfile");
  CHECK_EQ(machine.kernel.calls.at(4), "umount /srv/image 0x8");
  CHECK_EQ(machine.kernel.calls.at(5), "umount /srv 0x8");
  CHECK_EQ(machine.kernel.calls.at(6), "fsync /dev/loop0");
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

TEST("what stays busy is named after a pass that changed nothing") {
  Machine machine;
  machine.Add("2 1 8:2 / /srv rw - ext4 /dev/sdb rw");
  machine.kernel.errors["umount /srv"] = std::errc::device_or_resource_busy;
  UnmountStage(machine.context);
  CHECK_EQ(machine.Calls("umount"), "/srv 0x8");
  CHECK(machine.Said("/srv is not unmounted: in use"));
}

TEST("in a container nothing but its own mounts is touched, locked ones are tried once") {
  Machine machine;
  machine.request.container = true;
  machine.Add("2 1 8:2 / /locked rw - ext4 /dev/sdb rw");
  machine.Add("3 1 0:3 / /tmp rw - tmpfs tmpfs rw");
  machine.kernel.files["/proc/swaps"] = "/swapfile file 1024 10 -2\n";
  machine.kernel.errors["umount /locked"] = std::errc::invalid_argument;
  UnmountStage(machine.context);
  CHECK_EQ(machine.kernel.calls.size(), 2u);
  CHECK_EQ(machine.Calls("umount"), "/tmp 0x8, /locked 0x8");
  CHECK(machine.said.empty());
}

TEST("a device that misses its limit is named and not touched again, the others are") {
  Machine machine;
  machine.Add("2 1 8:3 / /good rw - ext4 /dev/sdc rw");
  machine.Add("3 1 8:2 / /srv rw - ext4 /dev/sdb rw");
  machine.Add("4 1 8:2 / /bind rw - ext4 /dev/sdb rw");
  machine.kernel.fail_nth = 0;
  int children = 0;
  machine.kernel.errors.clear();
  auto answer = machine.kernel.on_call;
  machine.kernel.on_call = [&](const std::string& call) {
    answer(call);
    bool late = call == "in_child" && ++children == 1;
    if (late) machine.kernel.errors["in_child"] = std::errc::timed_out;
    if (call == "in_child" && !late) machine.kernel.errors.clear();
  };
  UnmountStage(machine.context);
  CHECK(machine.Said("/dev/sdb (/bind) does not answer; it is left alone"));
  CHECK_EQ(machine.Calls("umount"), "/good 0x8");
  CHECK_EQ(machine.Calls("mount"), "/good 0x21");
}

TEST("a network mount is flushed, forced, and detached when that is not enough") {
  Machine machine;
  machine.Add("2 1 0:2 / /home rw - nfs4 server:/home rw");
  machine.Add("3 1 0:3 / /mail rw - nfs4 server:/mail rw");
  machine.kernel.errors["umount /mail 0x9"] = std::errc::device_or_resource_busy;
  machine.kernel.files["/run/.clean"] = "";
  UnmountNetworkStage(machine.context);
  CHECK_EQ(machine.Calls("syncfs"), "/mail, /home");
  CHECK_EQ(machine.Calls("umount"), "/mail 0x9, /mail 0xa, /home 0x9");
  CHECK_EQ(machine.Calls("unlink"), "/tmp/.clean, /run/.clean, /run/lock/.clean");
  CHECK_EQ(machine.mounts.size(), 1u);
}

TEST("a dead server is asked once, all its mounts go") {
  Machine machine;
  machine.Add("2 1 0:2 / /home rw - nfs4 server:/home rw");
  machine.Add("3 1 0:3 / /mail rw - nfs4 server:/mail rw");
  machine.kernel.errors["syncfs"] = std::errc::timed_out;
  UnmountNetworkStage(machine.context);
  CHECK_EQ(machine.Calls("syncfs"), "/mail");
  CHECK(machine.Said("server (/mail) does not answer"));
  CHECK_EQ(machine.mounts.size(), 1u);
}

TEST("where force is not ours, a network mount is unmounted without") {
  Machine machine;
  machine.Add("2 1 0:2 / /home rw - fuse.sshfs me@there: rw");
  machine.kernel.errors["umount /home 0x9"] = std::errc::operation_not_permitted;
  UnmountNetworkStage(machine.context);
  CHECK_EQ(machine.Calls("umount"), "/home 0x9, /home 0x8");
}

TEST("only FUSE mounts go between TERM and KILL") {
  Machine machine;
  machine.Add("2 1 0:2 / /a rw - fuse.gocryptfs c rw");
  machine.Add("3 1 8:3 / /b rw - ext4 /dev/sdb rw");
  CHECK(UnmountFuse(machine.context));
  CHECK(!UnmountFuse(machine.context));
  CHECK_EQ(machine.Calls("umount"), "/a 0x8");
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
