// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/guard/watchdog.h"

#include <linux/watchdog.h>

#include "check.h"
#include "scripted_kernel.h"

namespace watchdog_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

/// A machine with two watchdogs, of which none runs; what each was told.
struct Machine {
  ScriptedKernel kernel;
  std::vector<std::string> told;

  Machine() {
    kernel.dirs["/sys/class/watchdog"] = {"watchdog1", "watchdog0"};
    State(0, "inactive");
    State(1, "inactive");
    for (const char* device : {"/dev/watchdog", "/dev/watchdog0", "/dev/watchdog1"})
      kernel.files[device] = "";
    kernel.on_ioctl = [this](int fd, unsigned long request, void* argument) {
      const auto device = kernel.open_paths[fd];
      if (request == WDIOC_SETTIMEOUT)
        told.push_back(device + " " + std::to_string(*static_cast<int*>(argument)) + " s");
      if (request == WDIOC_KEEPALIVE) told.push_back(device + " fed");
      return 0;
    };
  }
  void State(int number, const std::string& word) {
    kernel.files["/sys/class/watchdog/watchdog" + std::to_string(number) + "/state"] = word + "\n";
  }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST("a watchdog that does not run is left alone, unless WATCHDOG=yes") {
  Machine machine;
  Watchdog unasked(machine.kernel, false, 60s), wanted(machine.kernel, true, 60s);
  unasked.Take();
  CHECK(!unasked.Held() && machine.told.empty() && machine.kernel.open_paths.empty());
  wanted.Take();
  CHECK_EQ(machine.told, (Lines{"/dev/watchdog 60 s", "/dev/watchdog fed"}));
}

TEST("the watchdog that runs is the one that is taken over") {
  Machine machine;
  machine.State(1, "active");
  Watchdog watchdog(machine.kernel, false, 60s);
  watchdog.Take();
  CHECK_EQ(machine.told, (Lines{"/dev/watchdog1 60 s", "/dev/watchdog1 fed"}));
}

TEST("one that a daemon holds is left to it") {
  Machine machine;
  machine.State(0, "active");
  machine.kernel.errors["open /dev/watchdog0"] = std::errc::device_or_resource_busy;
  Watchdog watchdog(machine.kernel, false, 60s);
  watchdog.Take();
  watchdog.Feed();
  CHECK(!watchdog.Held() && machine.told.empty());
}

TEST("for a restart it has ten minutes more and no V; disarmed it has one") {
  Machine machine;
  Watchdog restart(machine.kernel, true, 60s), off(machine.kernel, true, 60s);
  restart.Take();
  machine.told.clear();
  restart.LeaveArmed();
  CHECK_EQ(machine.told, (Lines{"/dev/watchdog 600 s", "/dev/watchdog fed"}));
  CHECK(!machine.kernel.Called("write_open /dev/watchdog V"));
  off.Take();
  off.Disarm();
  CHECK(machine.kernel.Called("write_open /dev/watchdog V"));
  CHECK(machine.kernel.open_paths.empty());
}

TEST("a driver without magic close stays open for a restart, and is told by ioctl to stop") {
  for (const bool magic : {true, false}) {
    Machine machine;
    int stopped = 0;
    machine.kernel.on_ioctl = [&](int, unsigned long request, void* argument) {
      if (request == WDIOC_GETSUPPORT)
        static_cast<watchdog_info*>(argument)->options =
            WDIOF_KEEPALIVEPING | (magic ? WDIOF_MAGICCLOSE : 0);
      if (request == WDIOC_SETOPTIONS) stopped += *static_cast<int*>(argument) == WDIOS_DISABLECARD;
      return 0;
    };
    Watchdog restart(machine.kernel, true, 60s), off(machine.kernel, true, 60s);
    restart.Take();
    restart.LeaveArmed();
    CHECK_EQ(machine.kernel.open_paths.size(), magic ? 0u : 1u);
    CHECK_EQ(stopped, 0);
    off.Take();
    off.Disarm();
    CHECK_EQ(stopped, 1);
    CHECK_EQ(machine.kernel.open_paths.size(), magic ? 0u : 1u);
  }
}

}  // namespace watchdog_test
