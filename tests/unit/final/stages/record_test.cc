// SPDX-License-Identifier: GPL-2.0-or-later
#include <time.h>
#include <utmp.h>

#include <cstring>

#include "check.h"
#include "final/guard/trace_writer.h"
#include "final/stages/stages.h"
#include "final_stage_test.h"

namespace record_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

constexpr const char* kTrace = "/run/curfew/trace.jsonl";
constexpr const char* kBegin = "{\"time_us\":1,\"event\":\"begin\",\"level\":\"6\"}\n";

/// Of ScriptedKernel's wall clock, in the time zone of this process.
const std::string kDate = [] {
  const time_t seconds = 1700000000;
  char text[32];
  strftime(text, sizeof text, "%Y%m%d-%H%M%S", localtime(&seconds));
  return std::string(text);
}();

std::vector<std::string> Kept(const StageTest& test) {
  std::vector<std::string> names;
  for (const auto& [path, text] : test.kernel.files)
    if (path.starts_with("/var/log/curfew/")) names.push_back(path.substr(16));
  return names;
}

}  // namespace

TEST("the shutdown record is sysvinit's, field by field") {
  StageTest test;
  test.kernel.wall_clock = 1700000000s + 7us;
  test.kernel.release = "6.1.0-9-amd64";
  test.kernel.files["/var/log/wtmp"] = "";
  RecordStage(test.context);
  const std::string& bytes = test.kernel.files["/var/log/wtmp"];
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

TEST("a missing wtmp is not created and not reported") {
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
  test.kernel.children_hang = true;
  RecordStage(test.context);
  CHECK_EQ(test.said.size(), 1u);
  CHECK(test.said[0].starts_with("/var/log/wtmp: no shutdown record"));
}

TEST("a dead disk below /var/log costs its limit once in a shutdown, here or in the stage before") {
  constexpr const char* kMounts =
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:17 / /var rw - ext4 /dev/sdb1 rw\n";
  for (const bool known : {false, true}) {
    StageTest test;
    test.kernel.files["/proc/self/mountinfo"] = kMounts;
    test.kernel.files["/var/log/wtmp"] = "";
    test.kernel.files[kTrace] = kBegin;
    if (known) test.kernel.files["/run/curfew/dead"] = "8:17 /var\n";
    test.kernel.children_hang = true;
    RecordStage(test.context);
    CHECK_EQ(test.kernel.now >= 10s, !known);
    CHECK_EQ(test.kernel.files["/run/curfew/dead"], "8:17 /var\n");
    UnmountStage(test.context);
    for (const auto& call : test.kernel.calls) CHECK(!call.starts_with("umount /var"));
  }
}

TEST("where no trace writer lives the trace is kept by the stage") {
  StageTest test;
  test.kernel.files[kTrace] = std::string(kBegin) + "{\"event\":\"x\",\"level\":\"0\"}\n";
  RecordStage(test.context);
  CHECK_EQ(Kept(test), std::vector<std::string>{"000001-" + kDate + "-6.jsonl"});
  CHECK_EQ(test.kernel.files["/var/log/curfew/" + Kept(test)[0]], test.kernel.files[kTrace]);
}

TEST("no trace, that of a boot, one outside of a shutdown or after -n is not kept") {
  for (int reason = 0; reason < 4; ++reason) {
    StageTest test;
    if (reason > 0) test.kernel.files[kTrace] = kBegin;
    if (reason == 1) test.kernel.files[kTrace] = "{\"event\":\"begin\",\"level\":\"2\"}\n";
    if (reason == 2) test.request.in_shutdown = false;
    if (reason == 3) test.request.sync = false;
    RecordStage(test.context);
    CHECK(Kept(test).empty() && test.said.empty());
  }
}

TEST("--fast begins a trace and a copy in the place of those of the boot") {
  StageTest test;
  test.request.without_rc = true;
  test.kernel.files[kTrace] = "{\"event\":\"begin\",\"level\":\"2\"}\n";
  test.kernel.links["/run/curfew/kept"] = "/var/log/curfew/000001-20260101-000000-S.jsonl";
  TraceStage(test.context);
  CHECK_EQ(test.kernel.files[kTrace], std::string());
  CHECK(test.kernel.Called("unlink /run/curfew/kept"));
}

TEST("a log directory that cannot be written costs one line") {
  StageTest test;
  test.kernel.files[kTrace] = kBegin;
  test.kernel.errors["create"] = std::errc::read_only_file_system;
  RecordStage(test.context);
  CHECK_EQ(
      test.said,
      (std::vector<std::string>{"/var/log/curfew: the trace is not kept: Read-only file system"}));
}

}  // namespace record_test
