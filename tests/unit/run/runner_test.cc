// SPDX-License-Identifier: GPL-2.0-or-later
// What a made-up plan shows of the runner and bats cannot: limits of a second, the list of
// sessions.
#include "run/runner.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "check.h"
#include "runner_test.h"

namespace {

using namespace curfew;

/// This binary started as a stage of halt: prints the sessions it has to spare.
[[gnu::constructor]] void ActAsHalt(int argc, char** argv) {
  if (argc < 5 || strcmp(argv[0], "halt") != 0) return;
  char text[256];
  const ssize_t size = pread(atoi(argv[4]), text, sizeof text, 0);
  _exit(size >= 0 && write(STDOUT_FILENO, text, static_cast<size_t>(size)) == size ? 0 : 1);
}

/// Runs the passes as a shutdown.
void Run(const Root& root, const std::vector<Pass>& passes, Log& log,
         const HaltProgram* halt = nullptr) {
  Plan plan;
  plan.level = "0";
  plan.down = true;
  plan.passes = passes;
  boost::asio::io_context loop(1);
  Ledger ledger(root.path);
  RunOptions options = Options(root);
  options.halt = halt;
  Runner runner(loop, plan, options, log, ledger);
  CHECK(runner.Run() == Runner::End::kDone);
}

}  // namespace

TEST(
    "a script over its limit is left alone, and those that wait for it, and the next pass, go on") {
  const Root root;
  Script hung = root.Add("hung", "exec sleep 60");
  hung.limit = std::chrono::seconds(1);
  Script waits = root.Add("waits", "");
  waits.after = {0};
  Log log;
  Run(root, {{Action::kStop, {hung, waits}}, {Action::kStop, {root.Add("next", "")}}}, log);
  CHECK_EQ(log.events, (Strings{"start hung", "abandoned hung", "start waits", "end waits",
                                "start next", "end next"}));
  CHECK_EQ(kill(log.pids["hung"], 0), 0);
  kill(log.pids["hung"], SIGKILL);
  CHECK_EQ(Ledger(root.path).Stopped(), (Strings{"waits", "next"}));
}

TEST("a script that ends within its limit, or after it, ends once") {
  const Root root;
  Script quick = root.Add("quick", "exit 1");
  Script late = root.Add("late", "while [ ! -e ${0%/*}/go ]; do sleep 0.02; done");
  quick.limit = late.limit = std::chrono::seconds(1);
  Script opens = root.Add("opens", ": > ${0%/*}/go; sleep 0.5");
  opens.after = {1};
  Log log;
  Run(root, {{Action::kStop, {quick, late, opens}}}, log);
  CHECK_EQ(std::count(log.events.begin(), log.events.end(), "end quick"), 1);
  CHECK_EQ(std::count(log.events.begin(), log.events.end(), "abandoned quick"), 0);
  CHECK_EQ(std::count(log.events.begin(), log.events.end(), "abandoned late"), 1);
  CHECK_EQ(std::count(log.events.begin(), log.events.end(), "end late"), 1);
  CHECK_EQ(log.events.back(), std::string("end opens"));
}

TEST("the kill stage spares the scripts that run, and not the abandoned one") {
  const Root root;
  const Result<HaltProgram> halt = HaltProgram::Load("/proc/self/exe");
  CHECK(bool(halt));
  Script hung = root.Add("hung", "exec sleep 60");
  hung.limit = std::chrono::seconds(1);
  Script runs = root.Add("runs", "while [ ! -e ${0%/*}/go ]; do sleep 0.02; done");
  Script kill_stage = root.Add("sendsigs", "");
  kill_stage.kind = ScriptKind::kNativeStage;
  kill_stage.stages = "kill";
  kill_stage.after = {0};
  Script opens = root.Add("opens", ": > ${0%/*}/go");
  opens.after = {2};
  Log log;
  Run(root, {{Action::kStop, {hung, runs, kill_stage, opens}}}, log, &halt.value);
  Strings spared;
  for (const std::string& event : log.events) {
    if (event.starts_with("line sendsigs ")) spared.push_back(event.substr(14));
  }
  const auto is_spared = [&](const char* service) {
    return std::count(spared.begin(), spared.end(), std::to_string(log.pids[service])) == 1;
  };
  CHECK(is_spared("runs") && !is_spared("hung"));
  kill(log.pids["hung"], SIGKILL);
}

TEST("a traced script is run by sh -x, a script for the shell need not be executable") {
  const Root root;
  Script traced = root.Add("traced", "echo \"$0 $1\"");
  traced.trace = true;
  Script hook = root.Add("hook", "echo \"$0 $1\"");
  hook.shell = true;
  hook.after = {0};
  chmod((root.path + "/hook").c_str(), 0644);
  Log log;
  Run(root, {{Action::kStop, {traced, hook}}}, log);
  CHECK_EQ(log.events,
           (Strings{"start traced", "line traced + echo " + root.path + "/traced stop",
                    "line traced " + root.path + "/traced stop", "end traced", "start hook",
                    "line hook " + root.path + "/hook stop", "end hook"}));
}
