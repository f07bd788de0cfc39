// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// Where the traces of the last ten shutdowns are kept.
constexpr char kTraceDir[] = "/var/log/curfew";

/// Copies the trace of this shutdown, which is in memory, there, while that can still be written:
/// YYYYMMDD-HHMMSS-LEVEL.jsonl, by local time. Nothing is done where there is none. It may block:
/// rule R2.
std::error_code KeepTrace(StageContext& context);

}  // namespace curfew
