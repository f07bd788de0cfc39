// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/tracers.h"

#include "check.h"
#include "crowd.h"
#include "final/stages/stages.h"

namespace tracers_test {
using namespace curfew;

namespace {

/// A process that traces PID 1 or halt.
struct Traced : Crowd {
  explicit Traced(pid_t traced) {
    Add(50, {.name = "strace"});
    kernel.files["/proc/" + std::to_string(traced) + "/status"] = "Name:\tx\nTracerPid:\t50\n";
  }
  std::size_t Position(const std::string& call) const {
    const auto found = std::find(kernel.calls.begin(), kernel.calls.end(), call);
    return static_cast<std::size_t>(found - kernel.calls.begin());
  }
};

}  // namespace

TEST("who traces PID 1 or halt is ended before the others are stopped") {
  for (const pid_t traced : {1, ScriptedKernel().self}) {
    Traced crowd(traced);
    crowd.Add(60, {.name = "daemon"});
    auto answer = crowd.kernel.on_call;
    crowd.kernel.on_call = [&](const std::string& call) {
      answer(call);
      if (call == "kill 50 15") crowd.End(50), crowd.kernel.files.erase("/proc/1/status");
    };
    KillStage(crowd.context);
    CHECK(crowd.kernel.Called("kill 50 15"));
    CHECK(crowd.Position("kill 50 15") < crowd.Position("pidfd_signal 60 19"));
    CHECK(crowd.Said("strace[50] is ended first: it traces what ends the machine"));
    CHECK(crowd.events.back().starts_with("ended 2 ") &&
          crowd.events.back().ends_with(" daemon, strace"));
  }
}

TEST(
    "a tracer that ignores TERM gets KILL after 1 s; one of another process is one of the others") {
  Traced deaf(1);
  KillStage(deaf.context);
  CHECK(deaf.kernel.Called("kill 50 9"));
  Traced other(60);
  other.Add(60, {.name = "daemon"});
  KillStage(other.context);
  CHECK(!other.kernel.Called("kill 50 15"));
}

}  // namespace tracers_test
