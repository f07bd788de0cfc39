// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/stop_writers.h"

#include "check.h"
#include "crowd.h"

namespace stop_writers_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

/// Has those members stopped that are said to write.
void Stop(Crowd* crowd, std::initializer_list<pid_t> pids) {
  std::vector<ProcessInfo> writers;
  for (const pid_t pid : pids) {
    auto process = ReadProcess(crowd->kernel, pid);
    CHECK(process);
    writers.push_back(process.value);
  }
  StopWriters(crowd->context, writers);
}

}  // namespace

TEST("who writes stands still, but not PID 1, halt itself, or a daemon that a disk needs") {
  Crowd crowd;
  crowd.Add(10, {.name = "agent"});
  crowd.Add(11, {.name = "mdmon"});
  Stop(&crowd, {1, crowd.kernel.self, 10, 11});
  CHECK_EQ(crowd.kernel.calls, std::vector<std::string>{"kill 10 19"});
  CHECK_EQ(crowd.members[10].state, 'T');
}

TEST("a process whose number is another one's by now is not stopped") {
  Crowd crowd;
  crowd.Add(10, {.name = "agent"});
  auto process = ReadProcess(crowd.kernel, 10);
  ++process.value.start;
  StopWriters(crowd.context, {process.value});
  CHECK(crowd.kernel.calls.empty());
}

TEST("a process that does not stand still is waited for 1 s") {
  Crowd crowd;
  crowd.Add(10, {.name = "agent", .stuck = true});
  const auto before = crowd.kernel.now;
  Stop(&crowd, {10});
  CHECK(crowd.kernel.now - before >= 1s && crowd.kernel.now - before < 1100ms);
}

}  // namespace stop_writers_test
