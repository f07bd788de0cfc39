// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace curfew {

/// The MD5 of `text` in lower-case hex, as dpkg records it. It identifies a version of a script; it
/// does not protect from forgery.
std::string Md5(std::string_view text);

}  // namespace curfew
