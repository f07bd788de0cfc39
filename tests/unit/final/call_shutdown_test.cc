// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/call_shutdown.h"

#include "check.h"
#include "crowd.h"

namespace call_shutdown_test {
using namespace curfew;

namespace {

/// A shutdown(8), 50, that waits for a disk until `until`.
struct WaitingShutdown : Crowd {
  explicit WaitingShutdown(std::chrono::seconds until) {
    Add(50, {.name = "shutdown", .stuck = true});
    kernel.programs["/sbin/telinit"] = 0;
    on_time = [this, until] {
      if (kernel.now >= until) End(50);
    };
    options.program = "poweroff";
    options.ending = Ending::kPowerOff;
    options.delay = "7";
  }
  /// What init was asked meanwhile.
  std::vector<std::string> Asked() {
    WatchShutdown(kernel, ReadProcess(kernel, 50).value, options, 2);
    std::vector<std::string> asked;
    for (const std::string& call : kernel.calls)
      if (call.starts_with("run ")) asked.push_back(call);
    return asked;
  }
  Options options;
};

}  // namespace

TEST(
    "call shutdown: one that waits for a disk for 10 s is not waited for, init is asked the same") {
  WaitingShutdown test(std::chrono::hours(1));
  const auto asked = test.Asked();
  CHECK_EQ(asked, (std::vector<std::string>{"run /sbin/telinit -e INIT_HALT=POWEROFF",
                                            "run /sbin/telinit -t 7 0"}));
  CHECK(test.kernel.now >= std::chrono::seconds(10) && test.kernel.now < std::chrono::seconds(12));
}

TEST("call shutdown: one that ends, or only waits for no disk, has init to itself") {
  WaitingShutdown quick(std::chrono::seconds(9));
  CHECK(quick.Asked().empty());
  WaitingShutdown calm(std::chrono::seconds(60));
  calm.Add(50, {.name = "shutdown"});
  CHECK(calm.Asked().empty());
}

}  // namespace call_shutdown_test
