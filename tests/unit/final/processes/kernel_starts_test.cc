// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/kernel_starts.h"

#include "check.h"
#include "crowd.h"
#include "final/stages/stages.h"

namespace kernel_starts_test {
using namespace curfew;

TEST("in a shutdown the kernel starts no program any more before the first signal") {
  enum { kShutdown, kLevel1, kContainer };
  for (const int when : {kShutdown, kLevel1, kContainer}) {
    Crowd test;
    test.Add(10, {.name = "cron"});
    test.request.in_shutdown = when != kLevel1;
    test.request.container = when == kContainer;
    test.kernel.dirs["/proc/sys/fs/binfmt_misc"] = {"register", "status"};
    test.kernel.files["/proc/sys/fs/binfmt_misc/status"] = "enabled\n";
    test.kernel.files["/proc/sys/kernel/core_pattern"] = "|/bin/dump\n";
    test.kernel.files["/proc/sys/kernel/core_uses_pid"] = "1\n";
    KillStage(test.context);
    const auto& calls = test.kernel.calls;
    const auto at = [&](const std::string& call) {
      return std::find(calls.begin(), calls.end(), call) - calls.begin();
    };
    const auto signal = at("pidfd_signal 10 15");
    const bool off = when == kShutdown;
    CHECK_EQ(at("write /proc/sys/fs/binfmt_misc/status -1") < signal, off);
    CHECK_EQ(test.kernel.files["/proc/sys/kernel/core_pattern"], off ? "\n" : "|/bin/dump\n");
    CHECK_EQ(test.kernel.files["/proc/sys/kernel/core_uses_pid"], off ? "0" : "1\n");
    CHECK(test.said.size() == 1 && !test.Lives(10));
  }
}

TEST("handlers of binfmt_misc whose file system is not mounted are removed as well") {
  Crowd test;
  const std::string dir = "/proc/sys/fs/binfmt_misc";
  test.kernel.dirs[dir] = {};
  test.kernel.on_call = [&](const std::string& call) {
    if (call == "mount " + dir + " 0x0") test.kernel.files[dir + "/status"] = "enabled\n";
  };
  KillStage(test.context);
  CHECK_EQ(test.kernel.files[dir + "/status"], "-1");
  Crowd without;  // The kernel has none: nothing is mounted.
  KillStage(without.context);
  CHECK(!without.kernel.Called("mount " + dir + " 0x0"));
}

}  // namespace kernel_starts_test
