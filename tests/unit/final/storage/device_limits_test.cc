// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/device_limits.h"

#include "check.h"
#include "scripted_kernel.h"

namespace device_limits_test {
using namespace curfew;
using namespace std::chrono_literals;

TEST("a disk has its command timeout and 15 s, what lies on it has the same") {
  ScriptedKernel kernel;
  StorageGraph graph;
  graph.devices = {{.name = "sda", .number = "8:0"},
                   {.name = "sda1", .number = "8:1", .below = {"sda"}},
                   {.name = "nvme0n1", .number = "259:0"},
                   {.name = "vda", .number = "254:0"},
                   {.name = "dm-0", .number = "253:0", .below = {"vda", "sda1"}},
                   {.name = "dm-1", .number = "253:1", .suspended = true, .below = {"sda1"}}};
  kernel.files["/sys/class/block/sda/device/timeout"] = "60\n";
  kernel.files["/sys/class/block/nvme0n1/queue/io_timeout"] = "20000\n";
  DeviceLimits limits(kernel, graph);
  CHECK_EQ(limits.Of("8:1") / 1s, 75);
  CHECK_EQ(limits.Of("259:0") / 1s, 35);
  CHECK_EQ(limits.Of("254:0") / 1s, 45);
  CHECK_EQ(limits.Of("253:0") / 1s, 75);
  CHECK_EQ(limits.Of("253:1") / 1s, 10);
  CHECK_EQ(limits.Of("0:45") / 1s, 10);
}

TEST("a timeout of 1 s or of none leaves at least 10 s") {
  ScriptedKernel kernel;
  StorageGraph graph;
  graph.devices = {{.name = "sda", .number = "8:0"}};
  kernel.files["/sys/class/block/sda/device/timeout"] = "0\n";
  CHECK_EQ(DeviceLimits(kernel, graph).Of("8:0") / 1s, 15);
}

}  // namespace device_limits_test
