// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "final/context/stage_context.h"

namespace curfew {

/// The last line of a shutdown on its data.
struct ClosingLine {
  std::string left;  ///< What is not clean, why, and who holds it, four by name; empty: all is.
  std::string Text() const;
};

/// It repeats what the stages have seen, here or in an earlier halt of this shutdown, and asks no
/// device.
ClosingLine MakeClosingLine(StageContext& context);

}  // namespace curfew
