// SPDX-License-Identifier: GPL-2.0-or-later
#include <net/if.h>
#include <sys/ioctl.h>

#include <map>

#include "check.h"
#include "final/stages/stages.h"
#include "final_stage_test.h"

namespace interfaces_test {
using namespace curfew;

namespace {

/// Interfaces with their flags.
struct NetworkTest : StageTest {
  std::map<std::string, short> flags = {
      {"lo", IFF_UP | IFF_LOOPBACK}, {"eth0", IFF_UP}, {"local0", IFF_UP}, {"eth1", 0}};

  NetworkTest() {
    request.interfaces_down = true;
    kernel.files["/proc/self/mountinfo"] = "20 1 8:1 / / ro - ext4 /dev/sda1 ro\n";
    kernel.files["/proc/self/net/dev"] =
        "Inter-| Receive\n face |bytes\n    lo: 1\n  eth0: 2\nlocal0:3\n  eth1: 0\n";
    kernel.on_ioctl = [this](int, unsigned long request, void* argument) -> Result<int> {
      auto* interface = static_cast<ifreq*>(argument);
      if (request == SIOCGIFFLAGS) interface->ifr_flags = flags[interface->ifr_name];
      if (request == SIOCSIFFLAGS) flags[interface->ifr_name] = interface->ifr_flags;
      return 0;
    };
  }
};

}  // namespace

TEST("-i takes down what is up, with or without an address, save the loopback") {
  NetworkTest test;
  InterfacesStage(test.context);
  CHECK_EQ(test.flags["eth0"], 0);
  CHECK_EQ(test.flags["local0"], 0);
  CHECK(test.flags["lo"] & IFF_UP);
  CHECK(test.kernel.open_paths.empty());
}

TEST("without -i no interface is looked at") {
  NetworkTest test;
  test.request.interfaces_down = false;
  InterfacesStage(test.context);
  CHECK(test.kernel.all.empty());
}

TEST("under a root on NFS, on iSCSI or on a stack over iSCSI the network stays up") {
  NetworkTest nfs, iscsi, stack;
  nfs.kernel.files["/proc/self/mountinfo"] = "20 1 0:30 / / ro - nfs4 server:/ ro\n";
  iscsi.kernel.links["/sys/dev/block/8:1"] =
      "../../devices/platform/host2/session1/target/block/sda";
  stack.kernel.links["/sys/dev/block/8:1"] = "../../devices/virtual/block/dm-0";
  stack.kernel.dirs["/sys/dev/block/8:1/slaves"] = {"sdb"};
  stack.kernel.links["/sys/class/block/sdb"] = "../../devices/platform/host2/session1/block/sdb";
  for (NetworkTest* test : {&nfs, &iscsi, &stack}) {
    InterfacesStage(test->context);
    CHECK(test->flags["eth0"] & IFF_UP);
    CHECK(test->Said("the network stays up: / comes through it"));
  }
}

TEST("a network mount, an overlay's lower layer and an iSCSI disk keep the network up, too") {
  NetworkTest home, live, iscsi;
  home.kernel.files["/proc/self/mountinfo"] += "21 20 0:31 / /home ro - cifs //server/home ro\n";
  live.kernel.files["/proc/self/mountinfo"] =
      "20 1 0:30 / /run/live rw - nfs server:/ rw\n21 1 0:31 / / rw - overlay overlay rw\n";
  iscsi.kernel.dirs["/sys/block"] = {"sda"};
  iscsi.kernel.links["/sys/block/sda"] = "../devices/platform/host2/session1/target/block/sda";
  for (auto [test, what] :
       {std::pair(&home, "/home"), {&live, "/run/live"}, {&iscsi, "/dev/sda"}}) {
    InterfacesStage(test->context);
    CHECK(test->flags["eth0"] & IFF_UP);
    CHECK(test->Said("the network stays up: " + std::string(what) + " comes through it"));
  }
}

TEST("an interface that does not answer is named, and the others go down") {
  NetworkTest test;
  test.kernel.on_ioctl = [&, ioctl = test.kernel.on_ioctl](int fd, unsigned long request, void* p) {
    auto* interface = static_cast<ifreq*>(p);
    if (request == SIOCSIFFLAGS && interface->ifr_name == std::string("eth0"))
      return Result<int>(std::make_error_code(std::errc::device_or_resource_busy));
    return ioctl(fd, request, p);
  };
  InterfacesStage(test.context);
  CHECK_EQ(test.flags["local0"], 0);
  CHECK(test.Said("interface eth0 stays up: Device or resource busy"));
}

}  // namespace interfaces_test
