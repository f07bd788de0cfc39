// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>

#include "final/context/stage_context.h"

namespace curfew {

/// Begins `work` in a child and lets the stages go on meanwhile. `done` gets its outcome at the
/// next Settle(): errc::timed_out when it needed longer than `limit`.
void RunBeside(StageContext& context, std::chrono::milliseconds limit,
               const std::function<std::error_code()>& work,
               const std::function<void(std::error_code)>& done);

/// Waits for what RunBeside() began, each within its own limit.
void Settle(StageContext& context);

}  // namespace curfew
