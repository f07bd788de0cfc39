// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/mountinfo.h"

#include <sys/mount.h>

#include "check.h"
#include "final/storage/mount_calls.h"
#include "final/storage/mount_plan.h"

namespace mountinfo_test {
using namespace curfew;

namespace {

/// Mounts from short lines "id[/parent] device target type source [super]".
std::vector<Mount> Table(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) {
    char device[20], target[99], type[30], source[99], super[30] = "rw";
    int id = 0, parent = 1, rest = 0;
    if (sscanf(line.c_str(), "%d/%d%n", &id, &parent, &rest) < 2)
      sscanf(line.c_str(), "%d%n", &id, &rest);
    sscanf(line.c_str() + rest, "%19s %98s %29s %98s %29s", device, target, type, source, super);
    text += std::to_string(id) + " " + std::to_string(parent) + " " + device + " / " + target +
            " rw - " + type + " " + source + " " + super + "\n";
  }
  return ParseMountInfo(text);
}

std::string Targets(const std::vector<Mount>& mounts) {
  std::string text;
  for (const auto& mount : mounts) text += (text.empty() ? "" : " ") + mount.target;
  return text;
}

}  // namespace

TEST("a mountinfo line is read with any number of optional fields") {
  auto mounts = ParseMountInfo(
      "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:7 - ext3 /dev/root ro,errors=continue\n"
      "37 36 0:5 / /dev rw - devtmpfs udev rw\n");
  CHECK_EQ(mounts.size(), 2u);
  CHECK_EQ(mounts[0].id, 36);
  CHECK_EQ(mounts[0].parent, 35);
  CHECK_EQ(mounts[0].device, "98:0");
  CHECK_EQ(mounts[0].target, "/mnt2");
  CHECK_EQ(mounts[0].source, "/dev/root");
  CHECK(mounts[0].SuperReadOnly() && mounts[0].ReadOnly());
  CHECK(!mounts[1].ReadOnly());
}

TEST("blanks, tabs, newlines and backslashes in a path come back") {
  auto mounts = ParseMountInfo("1 2 0:9 / /a\\040b\\011c\\012d\\134e rw - tmpfs a\\040b rw\n");
  CHECK_EQ(mounts.at(0).target, "/a b\tc\nd\\e");
  CHECK_EQ(mounts.at(0).source, "a b");
  for (const char* text : {"\\04", "\\089", "\\1/2", "\\12:"}) CHECK_EQ(UndoOctal(text), text);
  CHECK_EQ(UndoOctal("\\777x\\"), "\\777x\\");
}

TEST("a deleted mount point keeps its name, a path of 4 KiB is read whole") {
  const std::string deep(4096, 'x');
  auto mounts = ParseMountInfo("1 2 0:9 / /" + deep + "//deleted rw - tmpfs t rw");
  CHECK_EQ(mounts.at(0).target.size(), 4097u);
}

TEST("garbled lines are left out, the others stay") {
  auto mounts = ParseMountInfo(
      "\n\nx 2 0:9 / /a rw - t s rw\n1 2 0:9 / /a rw\n1 2 0:9 / /a rw -\n1 2 09 / /a rw - t s rw\n"
      "1 2 0:9 / a rw - t s rw\n- - - - - - - - - -\n5 1 0:9 / /good rw - tmpfs t rw\n1 2 0:");
  CHECK_EQ(Targets(mounts), "/good");
}

TEST("the last mounted goes first, two over one path and odd names each once") {
  auto mounts = Table({"1 8:1 / ext4 /dev/a", "2 0:2 /m tmpfs t", "3 8:3 /m ext4 /dev/b",
                       "4 8:4 /a\\040b ext4 /dev/c"});
  CHECK_EQ(Targets(Unmountable(mounts)), "/a b /m /m");
}

TEST("what lies before the last root line, /usr and the kernel's trees are never unmounted") {
  auto mounts = Table({"1 0:1 / rootfs none", "2 8:2 /ro ext4 /dev/r", "3 8:2 /rw tmpfs t",
                       "4 0:4 / overlay o", "5 8:5 /usr ext4 /dev/u", "6 0:6 /proc proc p",
                       "7 0:7 /run/lock tmpfs t", "8 0:8 /dev/pts devpts d", "9 8:9 /srv ext4 /d",
                       "10 0:9 /runner tmpfs t", "11 8:3 /usr/local ext4 /dev/l",
                       "12 0:3 /sys/fs/cgroup cgroup2 c", "13 8:2 /ro ext4 /dev/r"});
  CHECK_EQ(Targets(Unmountable(mounts)), "/ro /usr/local /runner /srv");
}

TEST("below /run go disks, servers, FUSE, overlays and namespaces, leaf first; its tmpfs stays") {
  auto mounts = Table({"1 8:1 / ext4 /dev/a", "2 0:2 /run tmpfs run", "3 0:3 /run/lock tmpfs lock",
                       "4 0:4 /run/user/1 tmpfs user", "5 0:5 /run/rpc_pipefs rpc_pipefs p",
                       "6 8:2 /run/media/u ext4 /dev/b", "7 7:0 /run/media/u/img ext4 /dev/loop0",
                       "8 0:2 /run/ns tmpfs run", "9 0:6 /run/ns/app nsfs nsfs",
                       "10 0:7 /run/user/1/gvfs fuse.gvfsd-fuse g", "11 0:8 /run/nfs nfs s:/x",
                       "12 0:9 /run/ov overlay overlay"});
  CHECK_EQ(Targets(Unmountable(mounts)),
           "/run/ov /run/nfs /run/user/1/gvfs /run/ns/app /run/media/u/img /run/media/u");
}

TEST("network mounts are known by type and by _netdev, and take what is below them along") {
  auto mounts = Table({"1/0 8:1 / ext4 /dev/a", "2 0:2 /nfs nfs4 server:/x",
                       "3 8:3 /srv ext4 /dev/b", "4/2 7:0 /nfs/image ext4 /dev/loop0",
                       "5 8:5 /iscsi ext4 /dev/sdz", "6 8:6 /cluster ocfs2 /dev/o",
                       "7 0:7 /jail/proc proc proc", "8 0:8 /home fuse.sshfs me@there:"});
  auto netdev = NetdevTargets(
      "SRC=/dev/sdz TARGET=/iscsi ROOT=/ OPTS=noauto,_netdev\n"
      "SRC=/dev/o TARGET=/cluster ROOT=/ OPTS=_netdev\nTARGET=/srv OPTS=user\ngarbage\n");
  CHECK_EQ(Targets(NetworkMounts(mounts, netdev, AlsoUnmount::kKernelInterfaces)),
           "/home /jail/proc /iscsi /nfs/image /nfs");
  CHECK_EQ(Targets(NetworkMounts(mounts, netdev, AlsoUnmount::kNothing)),
           "/home /iscsi /nfs/image /nfs");
}

TEST("a ring of parents in a damaged table does not hang") {
  const auto mounts = Table({"1/2 8:1 /a ext4 /d", "2/1 8:2 /b ext4 /d"});
  CHECK_EQ(Targets(NetworkMounts(mounts, {}, AlsoUnmount::kKernelInterfaces)), "");
}

TEST(
    "each writable disk counts once, by a mount its path reaches, or else by one that is covered") {
  auto mounts = Table({"1 8:1 / ext4 /dev/a", "2 8:2 /srv ext4 /dev/b", "3 8:2 /bind ext4 /dev/b",
                       "4 8:1 /rootbind ext4 /dev/a", "5 0:5 /tmp tmpfs t", "6 8:6 /ro ext4 /d ro",
                       "7 0:7 /data btrfs /dev/z", "8 8:8 /top ext4 /d", "9/8 0:9 /top tmpfs t",
                       "10 8:10 /over/below ext4 /d", "11 0:11 /over tmpfs t",
                       "12 0:12 /nfs nfs s:/x", "13 8:2 /srv/on ext4 /dev/b"});
  CHECK_EQ(Targets(WritableDisks(Unmountable(mounts), mounts)), "/data /bind /over/below /top");
}

TEST("a remount repeats the flags of the mount") {
  auto mount = ParseMountInfo("1 2 8:1 / /a rw,nosuid,nodev,relatime - ext4 /d rw,sync").at(0);
  CHECK_EQ(MountFlags(mount), static_cast<unsigned long>(MS_NOSUID | MS_NODEV | MS_RELATIME));
}

}  // namespace mountinfo_test
