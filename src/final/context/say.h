// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "final/context/stage_context.h"

namespace curfew {

/// A line of what went well. It is left out with `quiet` on the kernel command line; in a container
/// that is the command line of the machine below, and does not count.
inline void SayWell(const StageContext& context, std::string_view line) {
  const FinalRequest& request = context.request;
  if (!request.settings.quiet || request.container) context.report.Say(line);
}

}  // namespace curfew
