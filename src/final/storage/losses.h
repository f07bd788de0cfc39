// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "final/context/stage_context.h"
#include "final/storage/mountinfo.h"

namespace curfew {

/// Whether a write-back that ended with this error has lost data: the kernel tells such an error
/// once, then drops the pages (syncfs(2); Linux Documentation/core-api/errseq.rst).
bool IsLoss(std::error_code error);

/// Says of each mount whose error is a loss that not everything on it could be written.
void ReportLosses(StageContext& context, const std::vector<Mount>& mounts,
                  const std::vector<std::error_code>& errors);

}  // namespace curfew
