// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/utmp.h"

#include <utmp.h>

#include <cstring>

namespace curfew {

UtmpLevels ParseUtmpLevels(std::string_view text) {
  utmp record;
  for (; text.size() >= sizeof record; text.remove_prefix(sizeof record)) {
    std::memcpy(&record, text.data(), sizeof record);
    if (record.ut_type != RUN_LVL) continue;
    // init packs two characters into the pid: the new level plus 256 times the previous one.
    return {static_cast<char>(record.ut_pid & 255), static_cast<char>(record.ut_pid >> 8)};
  }
  return {};
}

}  // namespace curfew
