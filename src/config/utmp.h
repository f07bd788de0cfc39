// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

namespace curfew {

/// The last change of level that init has recorded in utmp.
struct UtmpLevels {
  char level = 0;     ///< '2'; 0: utmp has no such record
  char previous = 0;  ///< 0: there was no previous level, for which runlevel(8) prints N
};

/// `utmp` is the content of /run/utmp: records of utmp(5).
UtmpLevels ParseUtmpLevels(std::string_view utmp);

}  // namespace curfew
