// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace curfew {

/// The last change of level that init has recorded in utmp.
struct UtmpLevels {
  char level = 0;     ///< '2'; 0: utmp has no such record
  char previous = 0;  ///< 0: there was no previous level, for which runlevel(8) prints N
};

/// `utmp` is the content of /run/utmp: records of utmp(5).
UtmpLevels ParseUtmpLevels(std::string_view utmp);

/// A login that utmp records.
struct Login {
  std::string user;      ///< "anna"
  std::string terminal;  ///< "tty1"
  pid_t pid = 0;         ///< of the session's first process
};

/// Of each record of a login, in the order of the file.
std::vector<Login> ParseLogins(std::string_view utmp);

}  // namespace curfew
