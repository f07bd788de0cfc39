// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace curfew {

/// `text` made safe for one line of a console. Printable ASCII and valid UTF-8 stay. All other
/// bytes become \xNN: controls (C0, C1, DEL), bytes that are not UTF-8, Unicode's line and
/// direction controls, and the backslash. Distinct texts stay distinct.
std::string Escaped(std::string_view text);

}  // namespace curfew
