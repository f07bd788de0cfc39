// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace curfew {

/// `text` made safe for a console, on one line: printable ASCII and valid UTF-8 stay, all else
/// (C0 and C1 controls, DEL, bytes that are no UTF-8, the Unicode line and direction controls) and
/// the backslash itself become \xNN, one per byte. Distinct texts stay distinct.
std::string Escaped(std::string_view text);

}  // namespace curfew
