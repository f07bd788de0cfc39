// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/storage_servers.h"

#include <chrono>

#include "check.h"
#include "kernel/process_info.h"
#include "scripted_kernel.h"

namespace storage_servers_test {
using namespace curfew;

// Looked for at each mount, the layers of 1,000 would take a minute.
TEST("a server below the layers of an overlay with 1,000 bind mounts is found at once") {
  ScriptedKernel machine;
  std::string mounts =
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 43:0 / /low rw - ext4 /dev/nbd0 rw\n";
  for (int i = 0; i < 1000; ++i)
    mounts += std::to_string(i + 3) + " 1 0:30 /dir /up/" + std::to_string(i) +
              " rw - overlay overlay rw,lowerdir=/low,upperdir=/up,workdir=/work\n";
  machine.files["/proc/self/mountinfo"] = mounts;
  machine.dirs["/sys/class/block"] = {"nbd0"};
  machine.files["/sys/class/block/nbd0/dev"] = "43:0\n";
  const auto graph = ReadStorage(machine);
  const auto begin = std::chrono::steady_clock::now();
  CHECK_EQ(ServedDevices(machine, graph, FuseUse::kMounted), (std::set<std::string>{"/dev/nbd0"}));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
}

TEST("who serves a mounted disk is found, with what came from it and has the disk not open") {
  ScriptedKernel machine;
  machine.files["/proc/self/mountinfo"] =
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 43:0 / /srv rw - ext4 /dev/nbd0 rw\n";
  machine.dirs["/sys/class/block"] = {"nbd0"};
  machine.files["/sys/class/block/nbd0/dev"] = "43:0\n";
  // Pid and parent.
  for (const auto& [pid, parent] :
       {std::pair{"1", "0"}, {"5", "1"}, {"6", "5"}, {"7", "6"}, {"8", "1"}}) {
    machine.dirs["/proc"].push_back(pid);
    machine.files["/proc/" + std::string(pid) + "/stat"] =
        std::string(pid) + " (x) S " + parent + " 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0\n";
  }
  machine.dirs["/proc/5/fd"] = {"3"};
  machine.links["/proc/5/fd/3"] = "/dev/nbd0";
  StorageServers servers(machine);
  servers.Refresh(FuseUse::kMounted);
  std::string found;
  for (const pid_t pid : {1, 5, 6, 7, 8})
    if (servers.Contain(ReadProcess(machine, pid).value)) found += std::to_string(pid) + " ";
  CHECK_EQ(found, "5 6 7 ");
}

}  // namespace storage_servers_test
