// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace curfew {

/// A text of any bytes as one line of a file: newline and "%" become %XX.
std::string EncodedLine(std::string_view text);

/// The text that `line` stands for.
std::string DecodedLine(std::string_view line);

}  // namespace curfew
