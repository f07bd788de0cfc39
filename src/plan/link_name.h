// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "plan/tree.h"

namespace curfew {

/// A regular file in rcN.d with this name and this text of a symbolic link, its name parsed.
///
/// A digit behind the number is ambiguous ("S100x", "K017zip"). The first of these decides: the
/// base name of `target`; a script in `init_d` that two digits leave; all digits are the number.
/// `two_digits`: the number always has two digits, and a name with fewer is no link's name.
Link ParseLink(std::string name, std::string target, const std::set<std::string>& init_d,
               bool two_digits);

/// Compares as `ls -v` sorts: runs of digits by their value, all else as in the C locale.
bool NaturallyLess(std::string_view a, std::string_view b);

}  // namespace curfew
