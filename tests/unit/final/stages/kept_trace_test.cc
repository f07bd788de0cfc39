// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/stages/kept_trace.h"

#include "check.h"
#include "final/stages/stages.h"
#include "final_stage_test.h"

using namespace curfew;

namespace {

constexpr const char* kTrace = "/run/curfew/trace.jsonl";
constexpr const char* kBegin = "{\"time_us\":1,\"event\":\"begin\",\"level\":\"6\"}\n";

std::vector<std::string> Kept(const StageTest& test) {
  std::vector<std::string> names;
  for (const auto& [path, text] : test.kernel.files)
    if (path.starts_with("/var/log/curfew/")) names.push_back(path.substr(16));
  return names;
}

}  // namespace

TEST("the trace is kept whole, named by time and level") {
  StageTest test;
  test.kernel.files[kTrace] = std::string(kBegin) + "{\"event\":\"x\",\"level\":\"0\"}\n";
  RecordStage(test.context);
  const auto names = Kept(test);
  CHECK_EQ(names.size(), 1u);
  CHECK(names.at(0).starts_with("2023111") && names[0].ends_with("-6.jsonl"));
  CHECK_EQ(names[0].size(), std::string("20231114-221320-6.jsonl").size());
  CHECK_EQ(test.kernel.files["/var/log/curfew/" + names[0]], test.kernel.files[kTrace]);
}

TEST("the last ten traces stay, what is no trace is not touched") {
  StageTest test;
  test.kernel.files[kTrace] = kBegin;
  auto& names = test.kernel.dirs["/var/log/curfew"] = {"notes.txt"};
  for (int n = 10; n < 22; ++n) {
    names.push_back("20230101-0000" + std::to_string(n) + "-0.jsonl");
    test.kernel.files["/var/log/curfew/" + names.back()] = "";
  }
  KeepTrace(test.context);
  CHECK(test.kernel.Called("unlink /var/log/curfew/20230101-000010-0.jsonl"));
  CHECK(test.kernel.Called("unlink /var/log/curfew/20230101-000011-0.jsonl"));
  CHECK_EQ(Kept(test).size(), 11u);
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

TEST("--fast keeps what there is") {
  StageTest test;
  test.request.without_rc = true;
  test.kernel.files[kTrace] = "{\"event\":\"begin\",\"level\":\"2\"}\n";
  KeepTrace(test.context);
  CHECK(Kept(test).at(0).ends_with("-0.jsonl"));
}

TEST("a log directory that cannot be written costs one line") {
  StageTest test;
  test.kernel.files[kTrace] = kBegin;
  test.kernel.errors["store"] = std::errc::read_only_file_system;
  RecordStage(test.context);
  CHECK_EQ(
      test.said,
      (std::vector<std::string>{"/var/log/curfew: the trace is not kept: Read-only file system"}));
}
