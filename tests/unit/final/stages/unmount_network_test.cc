// SPDX-License-Identifier: GPL-2.0-or-later
#include <csignal>

#include "check.h"
#include "final/stages/stages.h"
#include "mount_machine.h"

namespace unmount_network_test {
using namespace curfew;
using Machine = MountMachine;

namespace {

/// A machine with a mount of a server at /home, and processes that end by TERM.
class Client : public MountMachine {
 public:
  Client() {
    Add("2 1 0:2 / /home rw - nfs4 server:/home rw");
    auto answer = kernel.on_call;
    kernel.on_call = [this, answer](const std::string& call) {
      answer(call);
      int pid = 0;
      if (sscanf(call.c_str(), "pidfd_signal %d 15", &pid) == 1)
        kernel.files.erase("/proc/" + std::to_string(pid) + "/stat");
    };
    kernel.on_poll = [this](std::span<pollfd> fds, std::chrono::milliseconds limit) {
      for (auto& fd : fds)
        fd.revents =
            kernel.files.contains("/proc/" + kernel.open_paths[fd.fd] + "/stat") ? 0 : POLLIN;
      kernel.now += limit;
      return static_cast<int>(fds.size());
    };
    AddProcess(1);
    AddProcess(kernel.self);
  }
  void AddProcess(int pid) {
    const auto dir = "/proc/" + std::to_string(pid);
    kernel.dirs["/proc"].push_back(std::to_string(pid));
    kernel.files[dir + "/stat"] = std::to_string(pid) +
                                  " (p) T 1 1 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 " +
                                  std::to_string(pid) + " 0 0\n";
  }
  bool Ended(int pid) const {
    return !kernel.files.contains("/proc/" + std::to_string(pid) + "/stat");
  }
};

}  // namespace

TEST("a network mount is flushed, unmounted, forced, and detached when that is not enough") {
  Machine machine;
  machine.Add("2 1 0:2 / /home rw - nfs4 server:/home rw");
  machine.Add("3 1 0:3 / /mail rw - nfs4 server:/mail rw");
  machine.kernel.errors["umount /mail 0x8"] = std::errc::device_or_resource_busy;
  machine.kernel.errors["umount /mail 0x9"] = std::errc::device_or_resource_busy;
  machine.kernel.files["/run/.clean"] = "";
  UnmountNetworkStage(machine.context);
  CHECK_EQ(machine.Calls("syncfs"), "/mail, /home");
  CHECK_EQ(machine.Calls("umount"), "/mail 0x8, /home 0x8, /mail 0x9, /mail 0xa");
  CHECK_EQ(machine.Calls("unlink"), "/tmp/.clean, /run/.clean, /run/lock/.clean");
  CHECK_EQ(machine.mounts.size(), 1u);
  CHECK(machine.said.empty());
}

TEST("a mark on a disk that is known dead is not asked for, the others are removed") {
  Machine machine;
  machine.Add("2 1 0:20 / /run rw - tmpfs tmpfs rw");
  machine.kernel.files["/run/curfew/dead"] = "8:1 /\n";
  UnmountNetworkStage(machine.context);
  CHECK_EQ(machine.Calls("unlink"), "/run/.clean, /run/lock/.clean");
}

TEST("a dead server is asked once, all its mounts go, and those of another are not forced") {
  Machine machine;
  machine.Add("2 1 0:2 / /home rw - nfs4 server:/home rw");
  machine.Add("3 1 0:3 / /mail rw - nfs4 server:/mail rw");
  machine.Add("4 1 0:4 / /pub rw - cifs //other/pub rw");
  machine.kernel.errors["syncfs /mail"] = std::errc::timed_out;
  UnmountNetworkStage(machine.context);
  CHECK_EQ(machine.Calls("syncfs"), "/pub, /mail");
  CHECK_EQ(machine.Calls("umount"), "/pub 0x8, /mail 0xb, /home 0xb");
  CHECK_EQ(machine.said,
           (std::vector<std::string>{"server (/mail) does not answer; it is forced off"}));
  CHECK_EQ(machine.kernel.files["/run/curfew/dead"], "0:3 /mail\n0:2 /home\n");
}

TEST("a server that was dead before is neither flushed nor waited for") {
  Machine machine;
  machine.Add("2 1 0:2 / /home rw - nfs4 server:/home rw");
  machine.Add("3 1 0:3 / /mail rw - nfs4 server:/mail rw");
  machine.kernel.files["/run/curfew/dead"] = "0:2 /home\n";
  UnmountNetworkStage(machine.context);
  CHECK_EQ(machine.Calls("syncfs"), "");
  CHECK_EQ(machine.Calls("umount"), "/mail 0xb, /home 0xb");
  CHECK(machine.said.empty());
}

TEST("where force is not ours, a network mount is detached without") {
  Machine machine;
  machine.Add("2 1 0:2 / /home rw - fuse.sshfs me@there: rw");
  machine.kernel.errors["umount /home 0x8"] = std::errc::device_or_resource_busy;
  machine.kernel.errors["umount /home 0x9"] = std::errc::operation_not_permitted;
  UnmountNetworkStage(machine.context);
  CHECK_EQ(machine.Calls("umount"), "/home 0x8, /home 0x9, /home 0xa");
}

TEST("a FUSE daemon that does not answer is cut off before its mount is detached") {
  Machine machine;
  machine.Add("2 1 0:52 / /home rw - fuse.sshfs me@there: rw");
  machine.kernel.files["/sys/fs/fuse/connections/52/abort"] = "";
  machine.kernel.errors["syncfs"] = std::errc::timed_out;
  UnmountNetworkStage(machine.context);
  CHECK(machine.kernel.Called("write /sys/fs/fuse/connections/52/abort 1"));
  CHECK_EQ(machine.Calls("umount"), "/home 0xb");
}

TEST("what a server refused at the flush is said") {
  for (const auto error : {std::errc::no_space_on_device, std::errc::io_error}) {
    Machine machine;
    machine.Add("2 1 0:2 / /data rw - nfs4 server:/data rw");
    machine.kernel.errors["syncfs /data"] = error;
    UnmountNetworkStage(machine.context);
    CHECK(machine.Said("server:/data (/data): not everything could be written: " +
                       std::make_error_code(error).message()));
    CHECK_EQ(machine.Calls("umount"), "/data 0x8");
  }
}

TEST("a busy disk of the network is made read-only before it is detached") {
  Machine machine;
  machine.Add("2 1 8:17 / /srv rw - ext4 /dev/sdb1 rw");
  machine.kernel.files["/run/mount/utab"] = "SRC=/dev/sdb1 TARGET=/srv ROOT=/ OPTS=_netdev\n";
  machine.kernel.errors["umount /srv 0x8"] = std::errc::device_or_resource_busy;
  machine.kernel.errors["umount /srv 0x9"] = std::errc::device_or_resource_busy;
  UnmountNetworkStage(machine.context);
  CHECK_EQ(machine.Calls("mount"), "/srv 0x21");
  CHECK_EQ(machine.Calls("umount"), "/srv 0x8, /srv 0x9, /srv 0xa");
}

TEST("a disk of the network that cannot be read-only is not detached: it stays in sight") {
  Machine machine;
  machine.Add("2 1 8:17 / /srv rw - ext4 /dev/sdb1 rw");
  machine.kernel.files["/run/mount/utab"] = "SRC=/dev/sdb1 TARGET=/srv ROOT=/ OPTS=_netdev\n";
  machine.kernel.errors["umount /srv"] = std::errc::device_or_resource_busy;
  machine.kernel.errors["umount /srv 0x8"] = std::errc::device_or_resource_busy;
  machine.kernel.errors["umount /srv 0x9"] = std::errc::device_or_resource_busy;
  machine.kernel.errors["mount /srv"] = std::errc::device_or_resource_busy;
  UnmountNetworkStage(machine.context);
  CHECK_EQ(machine.Calls("umount"), "/srv 0x8, /srv 0x9");
  CHECK(machine.Said("/srv is not unmounted yet: in use"));
}

TEST("a user's FUSE mount that claims a server's name does not take the server's mounts along") {
  Machine machine;
  machine.Add("2 1 0:2 / /mail rw - nfs4 nfs1:/x rw");
  machine.Add("3 1 0:3 / /home/u/m rw - fuse.sshfs nfs1:/x rw,user_id=1000");
  machine.Add("4 1 0:4 / /m rw - fuse.sshfs nfs1:/x rw,user_id=0");
  for (const char* target : {"syncfs /m", "syncfs /home/u/m"})
    machine.kernel.errors[target] = std::errc::timed_out;
  UnmountNetworkStage(machine.context);
  CHECK_EQ(machine.Calls("umount"), "/mail 0x8, /m 0xb, /home/u/m 0xb");
  CHECK(machine.Said("fuse.sshfs (/home/u/m) does not answer; it is forced off"));
}

TEST("a busy kernel interface at an odd place is detached, its file system stays writable") {
  Machine machine;
  machine.Add("2 1 0:2 / /jail/proc rw - proc proc rw");
  machine.kernel.errors["umount /jail/proc 0x8"] = std::errc::device_or_resource_busy;
  UnmountNetworkStage(machine.context);
  CHECK_EQ(machine.Calls("umount"), "/jail/proc 0x8, /jail/proc 0xa");
  CHECK_EQ(machine.Calls("mount"), "");
}

TEST("a process that uses a network mount is ended before the unmount, others are not touched") {
  Client client;
  for (int pid : {10, 11, 12, 13, 14, 15}) client.AddProcess(pid);
  client.kernel.links["/proc/10/cwd"] = "/home/me";
  client.kernel.links["/proc/11/root"] = "/home";
  client.kernel.links["/proc/12/exe"] = "/home/me/program (deleted)";
  client.kernel.dirs["/proc/13/fd"] = {"0", "5"};
  client.kernel.links["/proc/13/fd/5"] = "/home/me/file";
  client.kernel.files["/proc/14/maps"] = "7f0-7f1 r-xp 0 00:02 5    /home/me/lib.so\n";
  client.kernel.links["/proc/15/cwd"] = "/homeless";
  EarlyUnmountNetworkStage(client.context);
  for (int pid : {10, 11, 12, 13, 14}) CHECK(client.Ended(pid));
  CHECK(!client.Ended(15) && !client.Ended(1));
  CHECK(!client.kernel.Called("pidfd_signal 15 19"));
  CHECK(client.Said("5 processes that used the network's file systems ended"));
  CHECK_EQ(client.Calls("umount"), "/home 0x8");
}

TEST(
    "a process of another mount namespace is ended for the file system it uses, not for its path") {
  Client client;
  const std::string own = "8 7 0:99 / /home rw - overlay overlay rw\n";
  const std::string ours = "9 7 0:2 / /data rw - nfs server:/home rw\n";
  client.kernel.links["/proc/self/ns/mnt"] = "mnt:[1]";
  for (int pid : {10, 11}) client.AddProcess(pid);
  client.kernel.EnterMountNamespace("10", 2, own);
  client.kernel.links["/proc/10/cwd"] = "/home/me";
  client.kernel.EnterMountNamespace("11", 2, own + ours);
  client.kernel.links["/proc/11/cwd"] = "/data/me";
  EarlyUnmountNetworkStage(client.context);
  CHECK(!client.Ended(10) && client.Ended(11));
}

TEST("a holder that the kill stage skips is skipped here, too") {
  Client client;
  client.AddProcess(10);
  client.kernel.links["/proc/10/cwd"] = "/home/me";
  client.kernel.files["/run/sendsigs.omit"] = "10\n";
  EarlyUnmountNetworkStage(client.context);
  CHECK(!client.Ended(10));
}

TEST("a process that cannot be asked what it uses is not ended") {
  Client client;
  client.AddProcess(10);
  client.kernel.links["/proc/10/cwd"] = "/home/me";
  client.kernel.children_hang = true;
  EarlyUnmountNetworkStage(client.context);
  CHECK(!client.Ended(10));
}

TEST("kernel interfaces of a chroot stay while services run, and go once all have ended") {
  for (const bool early : {true, false}) {
    Machine machine;
    machine.Add("2 1 0:4 / /srv/chroot/proc rw - proc proc rw");
    machine.Add("3 1 0:5 / /srv/chroot/dev/pts rw - devpts devpts rw");
    if (early)
      EarlyUnmountNetworkStage(machine.context);
    else
      UnmountNetworkStage(machine.context);
    CHECK_EQ(machine.kernel.Called("umount /srv/chroot/proc 0x8"), !early);
    CHECK_EQ(machine.kernel.Called("umount /srv/chroot/dev/pts 0x8"), !early);
  }
}

TEST("without network mounts the early stage looks at no process and says nothing") {
  Machine machine;
  machine.Add("2 1 8:2 / /srv rw - ext4 /dev/sdb rw");
  EarlyUnmountNetworkStage(machine.context);
  CHECK(machine.kernel.calls.empty() && machine.said.empty());
  for (const auto& call : machine.kernel.all) CHECK(call != "list /proc");
}

}  // namespace unmount_network_test
