// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace curfew {

/// The two that all terminals have and that people know from other programs.
enum class Colour { kRed, kYellow };

/// Whether a person wants colours on `fd`, and can see them: it is a terminal, TERM is not dumb,
/// and NO_COLOR (no-color.org) is not set, or empty.
bool ShowsColours(int fd);

/// `text` in that colour. No line end may be in it.
std::string Coloured(Colour colour, std::string_view text);

/// `text`, of any number of lines, with the words in colour that tell of trouble: red where
/// something failed, yellow where it was left alone or slow.
std::string Painted(std::string_view text);

/// Painted(text) where `fd` shows colours; else `text`.
std::string PaintedFor(int fd, std::string text);

}  // namespace curfew
