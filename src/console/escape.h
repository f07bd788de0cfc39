// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace curfew {

/// Whether a character moves the cursor, ends the line or turns the writing direction.
bool IsControl(char32_t code);

/// `text` made safe for one line of a console. Printable ASCII and valid UTF-8 stay. All other
/// bytes become \xNN: controls (C0, C1, DEL), bytes that are not UTF-8, Unicode's line and
/// direction controls, and the backslash. Distinct texts stay distinct.
std::string Escaped(std::string_view text);

}  // namespace curfew
