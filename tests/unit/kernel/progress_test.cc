// SPDX-License-Identifier: GPL-2.0-or-later
// The rules that the kill stage adds; tests/unit/run/activity_test.cc has those that scripts use
// too.
#include "kernel/progress.h"

#include "check.h"

namespace progress_test {
using namespace curfew;

namespace {

using namespace std::chrono_literals;

/// `count` processes that have each used `cpu_ms`.
std::vector<ProcessSample> Group(int count, long long cpu_ms) {
  std::vector<ProcessSample> group(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    group[i].id = {100 + i, 1};
    group[i].name = "worker";
    group[i].cpu_ms = cpu_ms;
  }
  return group;
}

}  // namespace

TEST("without a window CPU counts since the last scan") {
  ProgressSampler sampler({.window = 0ms});
  CHECK(!sampler.Add(0s, Group(1, 0), {}));
  CHECK(sampler.Add(1s, Group(1, 20), {}));
  CHECK(!sampler.Add(2s, Group(1, 30), {}));
}

TEST("two hundred that each poll a little are progress together, and not where one must reach it") {
  for (const bool cpu_of_one : {false, true}) {
    ProgressSampler sampler({.window = 0ms, .cpu_of_one = cpu_of_one});
    sampler.Add(0s, Group(200, 0), {});
    CHECK_EQ(sampler.Add(1s, Group(200, 10), {}), !cpu_of_one);
    CHECK(sampler.Add(2s, Group(200, 30), {}));
  }
}

TEST("CPU that may not count is no progress, and bytes still are") {
  ProgressSampler sampler({.window = 0ms});
  auto group = Group(1, 0);
  group[0].io = 0;
  sampler.Add(0s, group, {});
  group[0].cpu_ms = 900;
  CHECK(!sampler.Add(1s, group, {}, 0, /*count_cpu=*/false));
  group[0].io = 4096;
  CHECK(sampler.Add(2s, group, {}, 0, /*count_cpu=*/false));
}

}  // namespace progress_test
