// SPDX-License-Identifier: GPL-2.0-or-later
#include <utmp.h>

#include <cstring>

#include "check.h"
#include "final/stages/stages.h"
#include "final_stage_test.h"

using namespace curfew;
using namespace std::chrono_literals;

TEST("the shutdown record is sysvinit's, field by field") {
  const std::string bytes = ShutdownRecord(1700000000s + 7us, "6.1.0-9-amd64");
  CHECK_EQ(bytes.size(), sizeof(utmp));
  utmp record;
  std::memcpy(&record, bytes.data(), sizeof record);
  CHECK_EQ(record.ut_type, short{RUN_LVL});
  CHECK_EQ(record.ut_pid, 0);
  CHECK_EQ(std::string(record.ut_line), "~~");
  CHECK_EQ(std::string(record.ut_id), "~~");
  CHECK_EQ(std::string(record.ut_user), "shutdown");
  CHECK_EQ(std::string(record.ut_host), "6.1.0-9-amd64");
  CHECK_EQ(static_cast<long>(record.ut_tv.tv_sec), 1700000000L);
  CHECK_EQ(static_cast<long>(record.ut_tv.tv_usec), 7L);
}

TEST("the record is appended to a wtmp that exists") {
  StageTest test;
  test.kernel.files["/var/log/wtmp"] = "before";
  RecordStage(test.context);
  CHECK_EQ(test.kernel.files["/var/log/wtmp"].size(), 6 + sizeof(utmp));
  CHECK(test.kernel.files["/var/log/wtmp"].starts_with("before"));
  CHECK(test.said.empty());
}

TEST("a missing wtmp is not created and nobody is told") {
  StageTest test;
  RecordStage(test.context);
  CHECK(!test.kernel.files.contains("/var/log/wtmp"));
  CHECK(test.said.empty());
}

TEST("without the wish for a record wtmp is not even looked at") {
  StageTest test;
  test.kernel.files["/var/log/wtmp"] = "";
  test.request.record = false;
  RecordStage(test.context);
  for (const auto& call : test.kernel.all) CHECK(call.find("wtmp") == call.npos);
}

TEST("a wtmp on a dead disk is named") {
  StageTest test;
  test.kernel.errors["in_child"] = std::errc::timed_out;
  RecordStage(test.context);
  CHECK_EQ(test.said.size(), 1u);
  CHECK(test.said[0].starts_with("/var/log/wtmp: no shutdown record"));
}
