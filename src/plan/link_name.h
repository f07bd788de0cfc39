// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "plan/tree.h"

namespace curfew {

/// The parts of a link's name: "K02cups" is {'K', 2, "cups"}.
struct LinkName {
  char letter = 0;
  int number = 0;
  std::string service;  ///< empty: the name is no link name
};

/// Splits the name of `link`. A digit after the number is ambiguous ("S100x", "K017zip"): the base
/// name of the link's target decides; then two digits, if `init_d` has the rest; then all digits.
/// `two_digits`: the number always has two, and a name with fewer is no link name.
LinkName SplitLinkName(const Link& link, const std::set<std::string>& init_d, bool two_digits);

/// The services with a link of kind `letter` among `links`.
std::set<std::string> ServicesOf(const std::vector<Link>& links, char letter,
                                 const std::set<std::string>& init_d, bool two_digits);

/// The order of `ls -v`: runs of digits by their value, all else as in the C locale.
bool NaturallyLess(std::string_view a, std::string_view b);

}  // namespace curfew
