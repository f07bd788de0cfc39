// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string_view>

namespace curfew {

/// Of a command of a shell script that begins at `begin`, the end of its last line, before the
/// newline: behind the quote, fi, esac, done, } or ) that closes what the command opens. Where that
/// does not come within 4 KiB, the end of its first line.
std::size_t ConstructEnd(std::string_view text, std::size_t begin);

}  // namespace curfew
