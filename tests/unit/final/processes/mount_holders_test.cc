// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/mount_holders.h"

#include "check.h"
#include "crowd.h"

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
  std::string Holders(MountHolders::Use use) {
    const auto& srv = graph.mounts.at(1);
    return MountHolders(context, graph, {srv}, use).Of(srv);
  }
};

}  // namespace

TEST("who keeps a mount in use is named with a file, and not who uses the mount below it") {
  Held machine;
  CHECK_EQ(machine.Holders(MountHolders::Use::kAny),
           "p[10] (/srv/dir), p[11] (/srv/log), p[12] (/srv/read) and 1 more");
}

TEST("what keeps a file system writable: files open for writing, and deleted ones") {
  Held machine;
  CHECK_EQ(machine.Holders(MountHolders::Use::kWriting), "p[11] (/srv/log)");
  machine.kernel.links["/proc/10/exe"] = "/srv/program (deleted)";
  machine.kernel.links["/proc/12/exe"] = "/memfd:halt (deleted)";
  CHECK_EQ(machine.Holders(MountHolders::Use::kWriting),
           "p[10] (/srv/program (deleted)), p[11] (/srv/log)");
  const auto& root = machine.graph.mounts.at(0);
  CHECK_EQ(
      MountHolders(machine.context, machine.graph, {root}, MountHolders::Use::kWriting).Of(root),
      "");
}

TEST("an open file belongs to its mount, also where another one covers that by now") {
  Held machine;
  for (pid_t pid : {10, 12}) machine.End(pid);
  machine.graph.mounts.push_back(ParseMountInfo("4 2 8:4 / /srv rw - ext4 /dev/d rw\n").at(0));
  CHECK_EQ(machine.Holders(MountHolders::Use::kWriting), "");
  machine.Opens(11, "3", "/srv/log", "flags:\t0100001\nmnt_id:\t2\n");
  CHECK_EQ(machine.Holders(MountHolders::Use::kWriting), "p[11] (/srv/log)");
}

TEST("the kernel's own holders are named: swap, a device, a mount below, nfsd") {
  Held machine;
  for (pid_t pid : {10, 11, 12}) machine.End(pid);
  machine.graph.swaps = ParseSwaps("/srv/swap file 9 0 -2\n");
  machine.graph.devices = {{.name = "loop0", .number = "7:0", .file = "/srv/image"}};
  machine.kernel.files["/proc/fs/nfsd/exports"] = "# Version 1.1\n/srv/pub\t*(rw)\n";
  CHECK_EQ(machine.Holders(MountHolders::Use::kWriting), "swap /srv/swap, loop0, nfsd");
  machine.graph.swaps.clear();
  CHECK_EQ(machine.Holders(MountHolders::Use::kAny), "loop0, the mount /srv/below, nfsd");
}

TEST("who sees a file system in another mount namespace is named") {
  Held machine;
  machine.kernel.files["/proc/14/mountinfo"] = "9 1 8:9 / /x rw - ext4 /dev/x rw\n";
  CHECK_EQ(FindNamespaces(machine.context, "8:9"), "p[14]");
  CHECK_EQ(FindNamespaces(machine.context, "8:10"), "");
}
