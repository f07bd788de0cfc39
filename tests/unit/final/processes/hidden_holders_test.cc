// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/hidden_holders.h"

#include <sys/sysmacros.h>

#include "check.h"
#include "crowd.h"

namespace hidden_holders_test {
using namespace curfew;

namespace {

/// A machine with three processes, and a file system with the number 8:9 that no mount shows.
class Hidden : public Crowd {
 public:
  StorageGraph graph;

  Hidden() {
    graph.mounts = ParseMountInfo("1 0 8:1 / / rw - ext4 /dev/a rw\n");
    for (pid_t pid : {14, 15, 16}) Add(pid, {.name = "p"});
  }
  std::string Holders() { return HiddenHolders(context, graph, "8:9"); }
};

}  // namespace

TEST(
    "who sees a hidden file system in a mount namespace is named, and an overlay that stands on "
    "it") {
  Hidden machine;
  machine.kernel.files["/proc/14/mountinfo"] = "9 1 8:9 / /x rw - ext4 /dev/x rw\n";
  CHECK_EQ(machine.Holders(), "p[14]");
  machine.graph.devices = {{.name = "loop0", .number = "7:0", .below = {"x"}},
                           {.name = "x", .number = "8:9"}};
  CHECK_EQ(machine.Holders(), "p[14], loop0");
  CHECK_EQ(HiddenHolders(machine.context, machine.graph, "8:10"), "");
}

TEST("without a child to ask in no process is asked that is in D: the answer may not come") {
  Hidden machine;
  machine.kernel.errors["fork"] = std::errc::resource_unavailable_try_again;
  machine.Add(15, {.name = "p", .stuck = true});
  for (const char* pid : {"14", "15"})
    machine.kernel.files[std::string("/proc/") + pid + "/mountinfo"] =
        "9 1 8:9 / /x rw - ext4 /dev/x rw\n";
  CHECK_EQ(machine.Holders(), "p[14]");
}

TEST("who has a file on a detached file system is found by its device number") {
  Hidden machine;
  machine.kernel.dirs["/proc/15/fd"] = {"7"};
  machine.kernel.files["/proc/15/fd/7"] = "";
  machine.kernel.devices["/proc/15/fd/7"] = makedev(8, 9);
  machine.kernel.files["/proc/16/cwd"] = "";
  machine.kernel.devices["/proc/16/cwd"] = makedev(8, 10);
  CHECK_EQ(machine.Holders(), "p[15]");
}

TEST("a mount namespace without a process is named by its file, or by who has it open") {
  Hidden machine;
  machine.kernel.files["/proc/self/mountinfo"] =
      "5 1 0:4 mnt:[8] /run/ns/my\\040app rw - nsfs nsfs rw\n"
      "6 1 0:4 net:[9] /run/netns/a rw - nsfs nsfs rw\n";
  machine.kernel.dirs["/proc/14/fd"] = {"3", "4", "5"};
  machine.kernel.links["/proc/14/fd/3"] = "mnt:[10]";
  machine.kernel.links["/proc/14/fd/4"] = "mnt:[11]";
  machine.kernel.links["/proc/14/fd/5"] = "/srv";
  machine.kernel.links["/proc/15/ns/mnt"] = "mnt:[11]";
  CHECK_EQ(machine.Holders(), "/run/ns/my app, p[14] (mnt:[10])");
}

}  // namespace hidden_holders_test
