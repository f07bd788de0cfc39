// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/real_time.h"

#include <sched.h>

#include "check.h"
#include "scripted_kernel.h"

namespace real_time_test {
using namespace curfew;

namespace {

/// A machine with two CPUs and processes of one thread each.
struct Machine {
  ScriptedKernel kernel;
  std::map<pid_t, int> ticks;        ///< What each process uses in 10 ms.
  std::chrono::milliseconds idle{};  ///< At first all processes wait, in state R.

  Machine() {
    kernel.files["/proc/stat"] = "cpu  1 2\ncpu0 1 2\ncpu1 1 2\nintr 1\n";
    kernel.on_poll = [this](std::span<pollfd>, std::chrono::milliseconds limit) -> Result<int> {
      kernel.now += limit;
      Publish();
      return 0;
    };
  }
  void Add(pid_t pid, int policy, int priority, int use, char state = 'R', bool in_kernel = false) {
    kernel.scheduling[pid] = {policy, priority};
    kernel.dirs["/proc"].push_back(std::to_string(pid));
    ticks[pid] = use;
    rest_[pid] = std::string(") ") + state + " 1 1 1 0 -1 " + (in_kernel ? "2097152" : "0");
    kernel.dirs["/proc/" + std::to_string(pid) + "/task"] = {std::to_string(pid)};
    Publish();
  }
  std::vector<std::string> Changed() const { return kernel.calls; }

 private:
  void Publish() {
    for (const auto& [pid, rest] : rest_) {
      const std::string dir = "/proc/" + std::to_string(pid);
      const auto busy = kernel.now > idle ? kernel.now - idle : kernel.now * 0;
      const auto cpu = busy / std::chrono::milliseconds(10) * ticks[pid];
      kernel.files[dir + "/stat"] = kernel.files[dir + "/task/" + std::to_string(pid) + "/stat"] =
          std::to_string(pid) + " (p" + rest + " 0 0 0 0 " + std::to_string(cpu) +
          " 0 0 0 20 0 1 0 100 0 0\n";
    }
  }
  std::map<pid_t, std::string> rest_;
};

}  // namespace

TEST(
    "all real-time and deadline threads become normal, but for the dead-man's, ours, the "
    "kernel's") {
  Machine machine;
  machine.Add(10, SCHED_FIFO, 50, 1);
  machine.Add(11, SCHED_RR, 20, 0, 'S');
  machine.Add(12, SCHED_DEADLINE, 0, 0, 'S');
  machine.Add(13, SCHED_RR, 1, 0, 'S');
  machine.Add(14, SCHED_RR, 99, 0, 'S');
  machine.Add(15, SCHED_FIFO, 99, 0, 'S', true);
  machine.Add(16, SCHED_OTHER, 0, 1);
  machine.kernel.dirs["/proc/11/task"] = {"11", "111"};
  machine.kernel.scheduling[111] = {SCHED_FIFO, 1};
  CHECK_EQ(LowerRealTime(machine.kernel, 14).size(), 3u);
  CHECK_EQ(machine.Changed(), (std::vector<std::string>{"set_normal 10", "set_normal 11",
                                                        "set_normal 111", "set_normal 12"}));
}

TEST("while services run only what takes all CPUs loses its priority") {
  Machine busy;
  busy.Add(10, SCHED_FIFO, 50, 1);
  busy.Add(11, SCHED_FIFO, 50, 1);
  busy.Add(12, SCHED_RR, 99, 0, 'S');
  CHECK_EQ(LowerSpinners(busy.kernel).size(), 2u);
  CHECK_EQ(busy.Changed(), (std::vector<std::string>{"set_normal 10", "set_normal 11"}));
  Machine half;
  half.Add(10, SCHED_FIFO, 50, 1);
  half.Add(12, SCHED_RR, 99, 0, 'S');
  CHECK(LowerSpinners(half.kernel).empty() && half.Changed().empty());
  Machine calm;
  calm.Add(12, SCHED_RR, 99, 0, 'S');
  CHECK(LowerSpinners(calm.kernel).empty() && calm.kernel.now.count() == 0);
}

TEST("a spinner is found although real-time throttling stops it when the look begins") {
  Machine machine;
  machine.idle = std::chrono::milliseconds(50);
  machine.Add(10, SCHED_FIFO, 50, 1);
  machine.Add(11, SCHED_FIFO, 50, 1);
  CHECK_EQ(LowerSpinners(machine.kernel).size(), 2u);
  CHECK(machine.kernel.now < std::chrono::seconds(1));
}

}  // namespace real_time_test
