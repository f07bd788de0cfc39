// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/call.h"

#include "check.h"
#include "kernel/run_files.h"
#include "pid1_test.h"

namespace call_test {
using namespace curfew;

namespace {

/// What the stages know of a call in `mode` and `level`, beside what `call` sets.
FinalRequest Request(Mode mode, char level, const Options& options = {},
                     const std::function<void(ScriptedKernel&)>& prepare = nullptr) {
  ScriptedKernel kernel;
  kSysvinit.Become(kernel);
  kernel.links["/proc/self/ns/pid"] = "pid:[4026531836]";
  if (prepare) prepare(kernel);
  return RequestOf(kernel, {options, level, Pid1(kernel), mode});
}

}  // namespace

TEST(
    "a call is part of a shutdown in level 0 and 6, with --fast, and where init ends the machine") {
  CHECK(!Request(Mode::kShutdown, '2').in_shutdown);
  CHECK(!Request(Mode::kStages, '2').in_shutdown);
  for (const char level : {'0', '6'}) CHECK(Request(Mode::kStages, level).in_shutdown);
  for (const Mode mode : {Mode::kSequence, Mode::kUntilPower, Mode::kSignalInit})
    CHECK(Request(mode, '2').in_shutdown);
  Options fast;
  fast.fast = true;
  CHECK(Request(Mode::kStages, '2', fast).in_shutdown);
}

TEST("the whole sequence is the last call; it goes on behind a script that follows all stages") {
  const auto finished = [](ScriptedKernel& kernel) { kernel.files[run_files::kFinished] = ""; };
  for (const Mode mode : {Mode::kSequence, Mode::kUntilPower}) {
    CHECK(Request(mode, '0').last && !Request(mode, '0').finished);
    CHECK(Request(mode, '0', {}, finished).finished);
  }
  const FinalRequest stage = Request(Mode::kStages, '0', {}, finished);
  CHECK(!stage.last && !stage.finished);
}

TEST("no script has run or will run before a sequence outside level 0 and 6") {
  CHECK(Request(Mode::kSequence, '2').without_rc && Request(Mode::kSequence, 'S').without_rc);
  CHECK(!Request(Mode::kSequence, '0').without_rc && !Request(Mode::kSequence, '6').without_rc);
  CHECK(!Request(Mode::kStages, '2').without_rc);
}

TEST(
    "-d leaves out the record and ups-monitor, -n record and sync, and a script calls "
    "ups-monitor") {
  Options no_record, no_sync;
  no_record.no_record = no_sync.no_sync = true;
  const FinalRequest plain = Request(Mode::kSequence, '0');
  CHECK(plain.record && plain.sync && plain.ups);
  const FinalRequest without_record = Request(Mode::kSequence, '0', no_record);
  CHECK(!without_record.record && without_record.sync && !without_record.ups);
  const FinalRequest without_sync = Request(Mode::kSequence, '0', no_sync);
  CHECK(!without_sync.record && !without_sync.sync && without_sync.ups);
  CHECK(!Request(Mode::kUntilPower, '0').ups);
}

TEST("the groups that rc spares are in the descriptor that rc names") {
  Options spares;
  spares.spare_fd = 0;
  CHECK_EQ(Request(Mode::kStages, '0', spares).groups_file, "/proc/self/fd/0");
  CHECK_EQ(Request(Mode::kStages, '0').groups_file, "");
}

}  // namespace call_test
