// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/mount_holders.h"

#include "check.h"
#include "crowd.h"

namespace mount_holders_test {
using namespace curfew;

namespace {

/// Two disks, a mount on the second, and processes with files on them.
class Held : public Crowd {
 public:
  StorageGraph graph;

  Held() {
    graph.mounts = ParseMountInfo(
        "1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 8:2 / /srv rw - ext4 /dev/b rw\n"
        "3 2 8:3 / /srv/below rw - ext4 /dev/c rw\n");
    for (pid_t pid : {10, 11, 12, 13, 14}) Add(pid, {.name = "p"});
    kernel.links["/proc/10/cwd"] = "/srv/dir";
    Opens(11, "3", "/srv/log", "flags:\t0100001\n");
    Opens(12, "4", "/srv/read", "flags:\t0100000\n");
    kernel.links["/proc/13/cwd"] = "/srv/below";
    kernel.links["/proc/14/ns/mnt"] = "mnt:[2]";
    kernel.links["/proc/14/cwd"] = "/srv";
  }
  void Opens(pid_t pid, const std::string& fd, const std::string& path, const std::string& info) {
    const auto dir = "/proc/" + std::to_string(pid);
    kernel.dirs[dir + "/fd"] = {fd};
    kernel.links[dir + "/fd/" + fd] = path;
    kernel.files[dir + "/fdinfo/" + fd] = info;
  }
  std::string Holders(HolderUse use) {
    const auto& srv = graph.mounts.at(1);
    return MountHolders(context, graph, {srv}, use).Of(srv);
  }
};

}  // namespace

TEST("who keeps a mount in use is named with a file, and not who uses the mount below it") {
  Held machine;
  CHECK_EQ(machine.Holders(HolderUse::kAny),
           "p[10] (/srv/dir), p[11] (/srv/log), p[12] (/srv/read), the mount /srv/below");
}

TEST("what keeps a file system writable: files open for writing, and deleted ones") {
  Held machine;
  CHECK_EQ(machine.Holders(HolderUse::kWriting), "p[11] (/srv/log)");
  machine.kernel.links["/proc/10/exe"] = "/srv/program (deleted)";
  machine.kernel.links["/proc/12/exe"] = "/memfd:halt (deleted)";
  CHECK_EQ(machine.Holders(HolderUse::kWriting),
           "p[10] (/srv/program (deleted)), p[11] (/srv/log)");
  const auto& root = machine.graph.mounts.at(0);
  CHECK_EQ(MountHolders(machine.context, machine.graph, {root}, HolderUse::kWriting).Of(root), "");
}

TEST("an open file belongs to its mount, also where another one covers that by now") {
  Held machine;
  for (pid_t pid : {10, 12}) machine.End(pid);
  machine.graph.mounts.push_back(ParseMountInfo("4 2 8:4 / /srv rw - ext4 /dev/d rw\n").at(0));
  CHECK_EQ(machine.Holders(HolderUse::kWriting), "");
  machine.Opens(11, "3", "/srv/log", "flags:\t0100001\nmnt_id:\t2\n");
  CHECK_EQ(machine.Holders(HolderUse::kWriting), "p[11] (/srv/log)");
}

TEST("the kernel's own holders are named: swap, devices in a chain, a mount below, nfsd") {
  Held machine;
  for (pid_t pid : {11, 12}) machine.End(pid);
  machine.graph.swaps = ParseSwaps("/srv/swap file 9 0 -2\n");
  machine.graph.devices = {
      {.name = "loop0", .number = "7:0", .file = "/srv/image"},
      {.name = "dm-0", .number = "253:0", .label = "vault", .below = {"loop0"}}};
  machine.kernel.files["/proc/fs/nfsd/exports"] = "# Version 1.1\n/srv/pub\t*(rw)\n/\t*(rw)\n";
  CHECK_EQ(machine.Holders(HolderUse::kWriting),
           "swap /srv/swap, loop0 -> dm-0 \"vault\", nfsd (/srv/pub)");
  machine.graph.swaps.clear();
  CHECK_EQ(machine.Holders(HolderUse::kAny),
           "p[10] (/srv/dir), loop0 -> dm-0 \"vault\", the mount /srv/below, nfsd (/srv/pub)");
}

TEST("a handler of binfmt_misc holds its interpreter only with the flag F, and not for writing") {
  Held machine;
  for (pid_t pid : {10, 11, 12, 13}) machine.End(pid);
  machine.graph.mounts.pop_back();
  const std::string dir = "/proc/sys/fs/binfmt_misc";
  machine.kernel.dirs[dir] = {"arm", "java", "register", "status"};
  machine.kernel.files[dir + "/arm"] = "enabled\ninterpreter /srv/qemu arm\nflags: POCF\n";
  machine.kernel.files[dir + "/java"] = "enabled\ninterpreter /srv/FAST\nflags: OC\n";
  CHECK_EQ(machine.Holders(HolderUse::kAny), "binfmt_misc arm (/srv/qemu arm)");
  CHECK_EQ(machine.Holders(HolderUse::kWriting), "");
}

TEST(
    "a process holds a mount by a socket that it bound there, and by a file mapped below a cover") {
  Held machine;
  for (pid_t pid : {10, 12, 13}) machine.End(pid);
  machine.kernel.files["/proc/net/unix"] =
      "Num       RefCount Protocol Flags    Type St Inode Path\n"
      "00000000c: 00000002 00000000 00010000 0001 01 77 /srv/a b.sock\n"
      "00000000d: 00000002 00000000 00010000 0001 01 78 @/srv/abstract\n";
  machine.Opens(11, "3", "socket:[77]", "");
  CHECK_EQ(machine.Holders(HolderUse::kAny), "p[11] (/srv/a b.sock), the mount /srv/below");
  machine.Opens(11, "3", "socket:[78]", "");
  machine.graph.mounts.push_back(ParseMountInfo("4 2 8:4 / /srv rw - ext4 /dev/d rw\n").at(0));
  machine.kernel.files["/proc/11/maps"] =
      "7f0-7f1 r-xp 00001000 08:02 99                   /srv/lib x.so\n";
  CHECK_EQ(machine.Holders(HolderUse::kAny),
           "p[11] (/srv/lib x.so), the mount /srv/below, the mount /srv");
}

TEST("a process of another mount namespace is found by the file system, and said to be there") {
  Held machine;
  for (pid_t pid : {10, 11, 12, 13}) machine.End(pid);
  machine.graph.mounts.pop_back();
  CHECK_EQ(machine.Holders(HolderUse::kAny), "");  // Its /srv is of another file system.
  machine.kernel.files["/proc/14/mountinfo"] =
      "21 0 8:9 / / rw - ext4 /dev/x rw\n22 21 8:2 / /data rw - ext4 /dev/b rw\n";
  CHECK_EQ(machine.Holders(HolderUse::kAny), "");
  machine.kernel.links["/proc/14/cwd"] = "/data/in";
  CHECK_EQ(machine.Holders(HolderUse::kAny), "p[14] (/data/in in its own mount namespace)");
}

TEST("a process that keeps eight mounts is named for each of them") {
  Held machine;
  machine.graph.mounts.resize(1);
  std::vector<std::string> fds;
  for (int i = 0; i < 8; ++i) {
    const auto n = std::to_string(i);
    machine.graph.mounts.push_back(
        ParseMountInfo("1" + n + " 1 9:" + n + " / /m" + n + " rw - ext4 x rw\n").at(0));
    machine.Opens(11, n, "/m" + n + "/f", "flags:\t0100001\nmnt_id:\t1" + n + "\n");
    fds.push_back(n);
  }
  machine.kernel.dirs["/proc/11/fd"] = fds;
  const MountHolders holders(machine.context, machine.graph, machine.graph.mounts, HolderUse::kAny);
  for (int i = 1; i <= 8; ++i)
    CHECK(holders.Of(machine.graph.mounts[i]).starts_with("p[11] (/m" + std::to_string(i - 1)));
}

TEST("only devices hold a mount: not where a process, swap or another mount does as well") {
  Held machine;
  for (pid_t pid : {10, 11, 12, 13}) machine.End(pid);
  machine.graph.mounts.pop_back();
  const Mount srv = machine.graph.mounts.at(1);
  auto only = [&] {
    return MountHolders(machine.context, machine.graph, {srv}, HolderUse::kAny).OnlyDevices(srv);
  };
  CHECK(!only());
  machine.graph.devices = {
      {.name = "loop0", .number = "7:0", .file = "/srv/image"},
      {.name = "dm-0", .number = "253:0", .label = "vault", .below = {"loop0"}}};
  CHECK(only());
  machine.graph.swaps = ParseSwaps("/dev/dm-0 partition 9 0 -2\n");
  CHECK(!only());
  machine.graph.swaps.clear();
  machine.graph.mounts.push_back(ParseMountInfo("5 1 253:0 / /v rw - ext4 /dev/v rw\n").at(0));
  CHECK(!only());
}

}  // namespace mount_holders_test
