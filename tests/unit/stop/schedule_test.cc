// SPDX-License-Identifier: GPL-2.0-or-later
#include "stop/schedule.h"

#include <signal.h>

#include "check.h"

namespace schedule_test {
using namespace curfew;
using Kind = ScheduleItem::Kind;

ScheduleItem Sends(int signal) {
  return {Kind::kSignal, signal};
}
ScheduleItem Waits(int seconds) {
  return {Kind::kTimeout, seconds};
}

TEST("schedule: a timeout alone is signal, timeout, KILL, timeout") {
  CHECK(ParseSchedule("30", SIGHUP) == (Schedule{Sends(SIGHUP), Waits(30), Sends(9), Waits(30)}));
  CHECK(ParseSchedule("0", SIGTERM) == (Schedule{Sends(15), Waits(0), Sends(9), Waits(0)}));
}

TEST("schedule: digits are a timeout, after a '-' a signal, and names may have one") {
  CHECK(ParseSchedule("-15/0/15/TERM/-KILL/1", SIGHUP) ==
        (Schedule{Sends(15), Waits(0), Waits(15), Sends(SIGTERM), Sends(SIGKILL), Waits(1)}));
}

TEST("schedule: forever goes back to what follows it") {
  CHECK(ParseSchedule("TERM/forever/30/KILL", SIGTERM) ==
        (Schedule{Sends(15), Waits(30), Sends(9), {Kind::kGoto, 1}}));
  CHECK(ParseSchedule("forever/1", SIGTERM) == (Schedule{Waits(1), {Kind::kGoto, 0}}));
}

TEST("schedule: what dpkg refuses, or takes in an odd way, is left to dpkg") {
  for (const char* text : {"",
                           "/",
                           "TERM",
                           "forever",
                           "TERM/",
                           "/5",
                           "TERM//5",
                           "TERM/5/",
                           "TERM/forever",
                           "forever/5/forever/5",
                           "SIGTERM/5",
                           "term/5",
                           "TERM/5x",
                           "TERM/5 ",
                           " 5",
                           "+5",
                           "-5",
                           "--5/5",
                           "TERM/+5",
                           "TERM/ 5",
                           "TERM/-",
                           "TERM/2147483648",
                           "TERM/00000000000000000005",
                           "1.5",
                           "TERM/99999999999999999999"})
    CHECK_EQ(std::string(ParseSchedule(text, SIGTERM) ? text : "none"), "none");
  CHECK(ParseSchedule("TERM/2147483647", SIGTERM).has_value());
  CHECK(ParseSchedule("TERM/0000000000000000005", SIGTERM).has_value());
}

TEST("schedule: one that repeats without a pause is left to dpkg") {
  CHECK(!ParseSchedule("5/forever/TERM", SIGTERM));
  CHECK(!ParseSchedule("TERM/forever/0/KILL/0", SIGTERM));
  CHECK(ParseSchedule("forever/0/TERM/1", SIGTERM).has_value());
}

}  // namespace schedule_test
