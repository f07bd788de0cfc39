// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/closing_lines.h"

#include "check.h"

namespace closing_lines_test {
using namespace curfew;

namespace {

using Strings = std::vector<std::string>;

Script Stop(const char* service) {
  Script script;
  script.service = service;
  return script;
}

/// A shutdown, or a boot, with three stops.
struct Run {
  explicit Run(bool down = true) { plan.down = down; }
  void End(const Script& script, ExitStatus status) {
    lines.On(ScriptStarted{script, 7});
    lines.On(ScriptEnded{script, status});
  }
  Script a = Stop("a"), b = Stop("b"), c = Stop("c");
  Plan plan;
  ClosingLines lines{plan, DialectOf(Layout::kDebian)};
};

}  // namespace

TEST("the first line counts the stops of a shutdown and names the slowest; a boot has none") {
  Run run;
  run.End(run.a, ExitStatus::Exited(0));
  CHECK_EQ(run.lines.Lines(true), Strings{"1 service stopped in 0.0 s, slowest: a 0.0 s"});
  // Nobody waits for the script any more.
  run.lines.On(ScriptEnded{run.a, ExitStatus::Exited(1)});
  CHECK_EQ(run.lines.Lines(true), Strings{"1 service stopped in 0.0 s, slowest: a 0.0 s"});
  Run boot(false);
  boot.End(boot.a, ExitStatus::Exited(0));
  CHECK(boot.lines.Lines(true).empty());
}

TEST(
    "what was left alone or skipped is named with its reason, and is no failure when it is "
    "killed") {
  Run run;
  run.lines.On(ScriptStarted{run.a, 7});
  run.lines.On(ScriptAbandoned{run.a, "no progress for 2 s", ""});
  run.lines.On(ScriptEnded{run.a, ExitStatus::Signalled(9)});
  run.lines.On(ScriptSkipped{run.b});
  CHECK_EQ(run.lines.Lines(true), Strings{"left alone: a (no progress for 2 s), b (skipped)"});
}

TEST("failures and what is not installed or not configured have a line each") {
  Run run(false);
  run.End(run.a, ExitStatus::Exited(1));
  run.End(run.b, ExitStatus::Exited(5));
  run.End(run.c, ExitStatus::Signalled(15));
  CHECK_EQ(run.lines.Lines(true), (Strings{"service(s) returned failure: a c",
                                           "service(s) skipped, program is not installed: b"}));
}

}  // namespace closing_lines_test
