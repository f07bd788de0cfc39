// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/kernel_limits.h"

#include "check.h"
#include "scripted_kernel.h"

namespace kernel_limits_test {
using namespace curfew;

namespace {

constexpr char kShare[] = "/proc/sys/kernel/sched_rt_runtime_us";
constexpr char kWatches[] = "/proc/sys/fs/epoll/max_user_watches";

ScriptedKernel Machine(const std::string& share, const std::string& watches) {
  ScriptedKernel kernel;
  kernel.links["/proc/self/ns/pid"] = "pid:[4026531836]";
  kernel.files["/proc/sys/kernel/sched_rt_period_us"] = "1000000\n";
  kernel.files[kShare] = share;
  kernel.files[kWatches] = watches;
  return kernel;
}

}  // namespace

TEST("limits that would hold up a shutdown are raised, usual ones stay") {
  ScriptedKernel low = Machine("1000\n", "0\n");
  RaiseKernelLimits(low);
  CHECK(low.files[kShare] == "950000" && low.files[kWatches] == "1048576");
  ScriptedKernel unlimited = Machine("-1\n", "2000000\n");
  RaiseKernelLimits(unlimited);
  CHECK(unlimited.files[kShare] == "950000" && unlimited.files[kWatches] == "2000000\n");
  ScriptedKernel usual = Machine("950000\n", "2000000\n");
  RaiseKernelLimits(usual);
  CHECK(!usual.Called("write " + std::string(kShare) + " 950000"));
}

TEST("a container leaves the limits of its host as they are") {
  ScriptedKernel kernel = Machine("1000\n", "0\n");
  kernel.links["/proc/self/ns/pid"] = "pid:[1]";
  RaiseKernelLimits(kernel);
  CHECK(kernel.files[kShare] == "1000\n" && kernel.files[kWatches] == "0\n");
}

}  // namespace kernel_limits_test
