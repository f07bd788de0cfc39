// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/utmp.h"

#include <utmp.h>

#include <cstring>
#include <string>

#include "check.h"

namespace utmp_test {
using namespace curfew;

namespace {

/// One record of a change of level, as init packs it.
std::string Record(short type, int pid) {
  utmp record{};
  record.ut_type = type;
  record.ut_pid = pid;
  return std::string(reinterpret_cast<const char*>(&record), sizeof record);
}

}  // namespace

TEST("utmp: the record of init has the new and the previous level") {
  const UtmpLevels levels =
      ParseUtmpLevels(Record(BOOT_TIME, 0) + Record(RUN_LVL, '6' + 256 * '2'));
  CHECK(levels.level == '6' && levels.previous == '2');
}

TEST("utmp: without a record, or with half of one, there is no level") {
  CHECK(ParseUtmpLevels("").level == 0);
  CHECK(ParseUtmpLevels(Record(RUN_LVL, '2').substr(1)).level == 0);
  CHECK(ParseUtmpLevels(Record(RUN_LVL, '2')).previous == 0);
}

TEST("utmp: logins have user and terminal, also where a field is full; others are none") {
  utmp record{};
  record.ut_type = USER_PROCESS;
  record.ut_pid = 812;
  std::memset(record.ut_user, 'u', sizeof record.ut_user);
  std::memcpy(record.ut_line, "tty1", 4);
  const std::string login(reinterpret_cast<const char*>(&record), sizeof record);
  const auto logins = ParseLogins(Record(RUN_LVL, '2') + login + Record(USER_PROCESS, 3) +
                                  Record(DEAD_PROCESS, 4) + login.substr(1));
  CHECK_EQ(logins.size(), 1u);
  CHECK_EQ(logins[0].user, std::string(sizeof record.ut_user, 'u'));
  CHECK_EQ(logins[0].terminal, "tty1");
  CHECK_EQ(logins[0].pid, 812);
}

}  // namespace utmp_test
