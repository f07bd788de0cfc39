// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/swap.h"

#include <unistd.h>

#include <atomic>

#include "check.h"
#include "final/storage/swap_area.h"
#include "final_stage_test.h"
#include "kernel/linux_kernel.h"
#include "kernel/shared_memory.h"

namespace swap_test {
using namespace curfew;

namespace {

constexpr const char* kSwaps =
    "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
    "/dev/sda2                               partition\t1048572\t\t5\t\t-2\n"
    "/var/my\\040swap                         file\t\t524284\t\t2048\t\t-3\n"
    "/dev/dm-0                               partition\t1048572\t\t0\t\t-4\n"
    "/dev/zram0                              partition\t1048572\t\t0\t\t100\n"
    "garbage\n";

}  // namespace

TEST("swap files and swap on dm pin something, partitions and zram do not") {
  auto areas = ParseSwaps(kSwaps);
  CHECK_EQ(areas.size(), 4u);
  CHECK_EQ(areas[1].path, "/var/my swap");
  CHECK_EQ(areas[1].used_kib, 2048u);
  CHECK(!areas[0].NeedsSwapOff() && areas[1].NeedsSwapOff() && areas[2].NeedsSwapOff() &&
        !areas[3].NeedsSwapOff());
  for (const char* path : {"/dev/md0", "/dev/loop3", "/dev/mapper/vg-swap"})
    CHECK((SwapArea{path, false, 0}.NeedsSwapOff()));
}

TEST("only swap that pins something is turned off") {
  StageTest test;
  test.kernel.files["/proc/swaps"] = kSwaps;
  DeadDevices dead(test.context);
  SwapOffWhereNeeded(test.context, ReadStorage(test.kernel), &dead);
  CHECK_EQ(test.kernel.calls,
           (std::vector<std::string>{"swapoff /var/my swap", "swapoff /dev/dm-0"}));
}

TEST("swap that holds more than memory can take stays on and is named") {
  StageTest test;
  test.kernel.files["/proc/swaps"] = kSwaps;
  test.kernel.files["/proc/meminfo"] = "MemTotal: 4000 kB\nMemAvailable:    1000 kB\n";
  DeadDevices dead(test.context);
  const auto left = SwapOffWhereNeeded(test.context, ReadStorage(test.kernel), &dead);
  CHECK_EQ(test.kernel.calls, (std::vector<std::string>{"swapoff /dev/dm-0"}));
  CHECK_EQ(left, (std::vector<std::string>{
                     "swap /var/my swap stays on: it holds 2 MiB, more than memory can take"}));
}

TEST("a swapoff that hangs is named and not tried again, the next one is tried") {
  StageTest test;
  test.kernel.files["/proc/swaps"] = kSwaps;
  test.kernel.errors["swapoff /var/my swap"] = std::errc::timed_out;
  for (int pass = 0; pass < 2; ++pass) {
    DeadDevices dead(test.context);
    SwapOffWhereNeeded(test.context, ReadStorage(test.kernel), &dead);
  }
  CHECK_EQ(test.said,
           (std::vector<std::string>{"/var/my swap (swap) does not answer; it is left alone"}));
  CHECK_EQ(test.kernel.files["/run/curfew/dead"], "/var/my\\040swap swap\n");
  CHECK_EQ(test.kernel.calls.back(), "swapoff /dev/dm-0");
  CHECK_EQ(std::count(test.kernel.calls.begin(), test.kernel.calls.end(), "swapoff /var/my swap"),
           1);
}

namespace {

/// A real machine whose only swap, of 40 MB, is turned off once somebody has asked what is left of
/// it, which 3 s seem to have taken.
struct SlowSwap : LinuxKernel {
  SharedArray<std::atomic<int>> asked{1};

  Result<std::string> Read(const std::string& path) override {
    if (path != "/proc/swaps") return LinuxKernel::Read(path);
    asked[0] = 1;
    return std::string("Filename Type Size Used Priority\n/var/swap file 524284 40960 -2\n");
  }
  std::error_code SwapOff(const std::string&) override {
    while (!asked[0]) usleep(10000);
    return {};
  }
  std::chrono::microseconds Now() override {
    return LinuxKernel::Now() + std::chrono::seconds(asked[0] ? 3 : 0);
  }
};

}  // namespace

TEST("only the last halt tells what is left of a swapoff that lasts") {
  for (const bool last : {false, true}) {
    StageTest test;
    test.request.last = last;
    SlowSwap kernel;
    StageContext context{kernel, test, test.request};
    DeadDevices dead(context);
    StorageGraph graph;
    graph.swaps = {{"/var/swap", true, 40960}};
    CHECK(SwapOffWhereNeeded(context, graph, &dead).empty());
    CHECK_EQ(test.said.size(), last ? 1u : 0u);
    CHECK_EQ(test.SaidWith("turning off swap /var/swap: "), last ? 1 : 0);
    for (const std::string& line : test.said) CHECK(line.ends_with(" s, 40 MB left"));
  }
}

}  // namespace swap_test
