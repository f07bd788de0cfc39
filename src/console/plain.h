// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace curfew {

/// One line as a terminal would show it, in plain text: cursor movements within the line
/// (backspace, carriage return, ESC 7/8, CSI G and K) are carried out, every other control sequence
/// is dropped. Debian's log_end_msg goes back to column 1 to write "[ ok ]"; done on the console it
/// would overwrite the prefix of the line, and in parallel somebody else's line.
std::string PlainLine(std::string_view line);

}  // namespace curfew
