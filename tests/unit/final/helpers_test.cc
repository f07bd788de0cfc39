// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/helpers.h"

#include <unistd.h>

#include "check.h"
#include "final_stage_test.h"
#include "kernel/linux_kernel.h"

using namespace curfew;
using namespace std::chrono_literals;

TEST("what a child finds arrives byte for byte; one that does not answer is an error") {
  LinuxKernel kernel;
  const std::vector<std::string> words = {"", "a b", std::string("\0x\n", 3),
                                          std::string(70000, 'y')};
  CHECK_EQ(Ask(kernel, 5s, [&] { return words; }).value, words);
  auto late = Ask(kernel, 20ms, []() -> std::vector<std::string> {
    for (;;) pause();
  });
  CHECK(late.error == std::errc::timed_out && late.value.empty());
  auto huge = Ask(kernel, 5s, [] { return std::vector<std::string>(2, std::string(600000, 'z')); });
  CHECK(huge.error == std::errc::file_too_large);
}

TEST("calls made at once take no longer than one, and each has its own outcome") {
  LinuxKernel kernel;
  const auto start = kernel.Now();
  auto outcomes = EachAtOnce(kernel, 4, 300ms, [](std::size_t i) -> std::error_code {
    if (i == 0) return {};
    if (i == 3) return std::make_error_code(std::errc::io_error);
    for (;;) pause();
  });
  CHECK(kernel.Now() - start < 2 * 300ms);
  CHECK(!outcomes[0]);
  CHECK(outcomes[1] == std::errc::timed_out && outcomes[2] == std::errc::timed_out);
  CHECK(outcomes[3] == std::errc::io_error);
}

TEST("a helper works beside its caller, and is waited for once") {
  LinuxKernel kernel;
  StageTest stage;
  StageContext context{kernel, stage, stage.request};
  int done = 0;
  for (auto limit : {5000ms, 20ms})
    RunBeside(
        context, limit,
        [limit]() -> std::error_code {
          while (limit == 20ms) pause();
          return {};
        },
        [&](std::error_code error) { done += error == std::errc::timed_out ? 10 : 1; });
  CHECK_EQ(done, 0);
  Settle(context);
  Settle(context);
  CHECK_EQ(done, 11);
}
