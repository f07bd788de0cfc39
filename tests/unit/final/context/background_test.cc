// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/context/background.h"

#include <unistd.h>

#include "check.h"
#include "final_stage_test.h"
#include "kernel/linux_kernel.h"

namespace background_test {
using namespace curfew;
using namespace std::chrono_literals;

TEST("a helper works beside its caller, and is waited for once") {
  LinuxKernel kernel;
  StageTest stage;
  StageContext context{kernel, stage, stage.request};
  int done = 0;
  for (auto limit : {5000ms, 20ms})
    RunInBackground(
        context, limit,
        [limit]() -> std::error_code {
          while (limit == 20ms) pause();
          return {};
        },
        [&](std::error_code error) { done += error == std::errc::timed_out ? 10 : 1; });
  CHECK_EQ(done, 0);
  FinishBackground(context);
  FinishBackground(context);
  CHECK_EQ(done, 11);
}

}  // namespace background_test
