// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "final/context/stage_context.h"

namespace curfew {

/// Begins `work` in a child and lets the stages go on meanwhile. `done` gets its outcome at the
/// next Settle(): errc::timed_out when it needed longer than `limit`.
void RunBeside(StageContext& context, std::chrono::milliseconds limit,
               const std::function<std::error_code()>& work,
               const std::function<void(std::error_code)>& done);

/// Waits for what RunBeside() began, each within its own limit.
void Settle(StageContext& context);

/// Makes `call(0)` ... `call(count - 1)` at the same time, each in a child of its own; their
/// outcomes, errc::timed_out for those that need longer than `limit`. All of it takes no longer.
std::vector<std::error_code> EachAtOnce(Kernel& kernel, std::size_t count,
                                        std::chrono::milliseconds limit,
                                        const std::function<std::error_code(std::size_t)>& call);

/// The strings that `look` finds, in a child that is waited for at most `limit`: for what lies on a
/// disk that may be dead. An error when it did not answer, or found more than 256 KiB.
Result<std::vector<std::string>> Ask(Kernel& kernel, std::chrono::milliseconds limit,
                                     const std::function<std::vector<std::string>()>& look);

}  // namespace curfew
