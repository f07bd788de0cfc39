// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace curfew {

/// Columns of the terminal that `fd` is; 80 where it is none, or does not say.
std::size_t TerminalWidth(int fd);

/// The number of characters on screen: UTF-8 continuation bytes take no place.
std::size_t Width(std::string_view text);

/// `text` in lines of at most `width` characters, folded at blanks; a word that is longer stays
/// whole, so that it can be found and copied. Each line but the first begins with `indent` blanks;
/// the first goes on behind `used` characters that stand there already. Ends with a newline. Width
/// 0 folds nothing.
std::string Folded(std::string_view text, std::size_t width, std::size_t indent = 0,
                   std::size_t used = 0);

/// The cells of one line.
using Row = std::vector<std::string>;

/// The rows, each cell but the last padded to the width of its column; the last is folded to
/// `width`, below itself. Columns whose number is in `right` ("02") are flush right.
std::string Table(const std::vector<Row>& rows, std::size_t width = 0, std::string_view right = "");

}  // namespace curfew
