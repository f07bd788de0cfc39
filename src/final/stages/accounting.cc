// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/limits.h"
#include "final/stages/stages.h"
#include "kernel/in_child.h"

namespace curfew {

void AccountingStage(StageContext& context) {
  Kernel& kernel = context.kernel;
  auto error = InChild(kernel, limits::kAccounting, [&] { return kernel.AccountingOff(); });
  // The kernel may have no accounting.
  if (error && error != std::errc::function_not_supported)
    context.report.Say("process accounting stays on: " + error.message());
}

}  // namespace curfew
