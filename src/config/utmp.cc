// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/utmp.h"

#include <utmp.h>

#include <cstring>

namespace curfew {
namespace {

/// A field that is full has no NUL behind it.
template <size_t kSize>
std::string Field(const char (&field)[kSize]) {
  return std::string(field, strnlen(field, kSize));
}

}  // namespace

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

std::vector<Login> ParseLogins(std::string_view text) {
  std::vector<Login> logins;
  utmp record;
  for (; text.size() >= sizeof record; text.remove_prefix(sizeof record)) {
    std::memcpy(&record, text.data(), sizeof record);
    if (record.ut_type != USER_PROCESS || record.ut_user[0] == 0) continue;
    logins.push_back({Field(record.ut_user), Field(record.ut_line), record.ut_pid});
  }
  return logins;
}

}  // namespace curfew
