// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/stages/clean_mark.h"

#include "config/limits.h"
#include "kernel/in_child.h"

namespace curfew {

void LeaveCleanMark(StageContext& context) {
  const FinalRequest& request = context.request;
  if (!request.in_shutdown) return;
  Kernel& kernel = context.kernel;
  // Without the mark the next boot checks its disks, or offers it: no loss.
  (void)InChild(kernel, limits::kCleanMarks, [&]() -> std::error_code {
    if (request.settings.layout == Layout::kRedHat) return kernel.Unlink("/.autofsck");
    if (request.settings.layout == Layout::kSuse) return kernel.Create("/success", "", 0644);
    return {};
  });
}

}  // namespace curfew
