// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>

#include "final/context/stage_context.h"

namespace curfew {

/// Starts `work` in a child and returns; the next stages run meanwhile. FinishBackground() passes
/// the result to `done`: errc::timed_out if `work` took longer than `limit`. Where no child can be
/// had this process does the work.
void RunInBackground(StageContext& context, std::chrono::milliseconds limit,
                     const std::function<std::error_code()>& work,
                     const std::function<void(std::error_code)>& done);

/// Waits for each RunInBackground(), at most until its own limit.
void FinishBackground(StageContext& context);

}  // namespace curfew
