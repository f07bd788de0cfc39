// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace curfew {

/// What a terminal would show of `line`, as plain text. Cursor movements within the line
/// (backspace, carriage return, ESC 7/8, CSI G and K) are carried out; other control sequences are
/// dropped.
///
/// Debian's log_end_msg returns to column 1 to write "[ ok ]". On the console that would overwrite
/// the prefix of the line, or the line of another script.
std::string PlainLine(std::string_view line);

}  // namespace curfew
