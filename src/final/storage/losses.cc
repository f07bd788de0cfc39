// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/losses.h"

namespace curfew {

bool IsLoss(std::error_code error) {
  return error == std::errc::io_error || error == std::errc::no_space_on_device ||
         error.value() == EDQUOT;
}

void ReportLosses(StageContext& context, const std::vector<Mount>& mounts,
                  const std::vector<std::error_code>& errors) {
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    if (!IsLoss(errors[i])) continue;
    context.report.Say(mounts[i].target +
                       ": not everything could be written: " + errors[i].message());
    context.report.Event("unwritten",
                         {{"target", mounts[i].target}, {"error", errors[i].message()}});
  }
}

}  // namespace curfew
