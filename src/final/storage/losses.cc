// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/losses.h"

namespace curfew {

bool IsLoss(int error) {
  return error == EIO || error == ENOSPC || error == EDQUOT;
}

void ReportLosses(StageContext& context, const std::vector<Mount>& mounts,
                  const std::vector<int>& answers) {
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    if (!IsLoss(answers[i])) continue;
    const std::error_code error(answers[i], std::generic_category());
    context.report.Say(mounts[i].target + ": not everything could be written: " + error.message());
    context.report.Event("unwritten", {{"target", mounts[i].target}, {"error", error.message()}});
  }
}

}  // namespace curfew
