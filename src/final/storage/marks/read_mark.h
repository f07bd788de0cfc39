// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "final/storage/marks/mark.h"

namespace curfew {

/// Whether ReadMark() knows this type: of mountinfo ("ext4"), or "md", "dm-cache".
bool HasMark(std::string_view type);

/// The mark of what is on `device`; unknown for other types. `log`: the device of an external log;
/// null: none is known.
Mark ReadMark(std::string_view type, const MarkReader& device, const MarkReader* log = nullptr);

}  // namespace curfew
