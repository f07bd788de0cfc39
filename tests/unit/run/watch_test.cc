// SPDX-License-Identifier: GPL-2.0-or-later
// Limits, skips and what a run says while it waits, on real processes; the arithmetic of limits is
// in patience_test.cc and activity_test.cc.
#include "run/watch.h"

#include <signal.h>

#include <boost/asio/post.hpp>

#include "check.h"
#include "runner_test.h"

namespace {

using namespace curfew;
using namespace std::chrono_literals;

/// A shutdown of one pass; `act` may skip scripts while it runs.
struct Shutdown {
  explicit Shutdown(std::vector<Script> scripts) {
    plan.level = "0";
    plan.down = true;
    plan.passes = {{Action::kStop, std::move(scripts)}};
  }

  void Run(const std::function<void(Runner&, const Waiting&)>& act = nullptr) {
    boost::asio::io_context loop(1);
    Ledger ledger(root->path);
    RunOptions options = Options(*root);
    options.budget = budget;
    options.halt = halt;
    Runner runner(loop, plan, options, log, ledger);
    log.on_waiting = [&](const Waiting* what) {
      if (what && act) act(runner, *what);
      waited = waited || what;
      waits = what != nullptr;
    };
    CHECK(runner.Run() == Runner::End::kDone);
    for (const auto& [service, pid] : log.pids) kill(-pid, SIGKILL);
  }

  const Root* root = nullptr;
  const HaltProgram* halt = nullptr;
  Plan plan;
  Log log;
  std::chrono::seconds budget{0};
  bool waited = false;
  bool waits = false;
};

Shutdown MakeShutdown(const Root& root, std::vector<Script> scripts) {
  Shutdown shutdown(std::move(scripts));
  shutdown.root = &root;
  return shutdown;
}

bool Has(const Strings& events, const std::string& event) {
  return std::count(events.begin(), events.end(), event) == 1;
}

}  // namespace

TEST(
    "a run that waits names the process behind its script, with state and limit, and says when "
    "it waits no more") {
  const Root root;
  Script hung = root.Add("hung", "while [ ! -e ${0%/*}/go ]; do sleep 0.05; done");
  hung.limit = 60s;
  Shutdown shutdown = MakeShutdown(root, {root.Add("quick", ""), hung});
  Waiting first;
  shutdown.Run([&](Runner&, const Waiting& what) {
    if (!first.script) first = what;
    std::ofstream(root.path + "/go");
  });
  CHECK(shutdown.waited && !shutdown.waits);
  CHECK_EQ(first.script->service, "hung");
  CHECK(first.ended == 1 && first.scripts == 2 && first.limit == 60s);
  CHECK(first.elapsed >= 2s);
  CHECK(first.process.starts_with("sleep[") || first.process.starts_with("hung["));
  CHECK(first.state != '?');
}

TEST("skipping the script that the run waits for lets the run go on without it") {
  const Root root;
  Script waits = root.Add("waits", "");
  waits.after = {0};
  Shutdown shutdown = MakeShutdown(root, {root.Add("hung", "exec sleep 60"), waits});
  bool wrong = true, right = false, again = true;
  shutdown.Run([&](Runner& runner, const Waiting&) {
    wrong = runner.Skip("waits", "by name");
    right = runner.Skip("", "skipped by a key");
    again = runner.Skip("hung", "by name");
  });
  CHECK(!wrong && right && !again);
  CHECK_EQ(shutdown.log.reasons["hung"], "skipped by a key");
  CHECK_EQ(shutdown.log.events,
           (Strings{"start hung", "abandoned hung", "start waits", "end waits"}));
  CHECK(shutdown.log.evidence["hung"].size() == 1);
  CHECK(shutdown.log.evidence["hung"][0].starts_with(
      "sleep[" + std::to_string(shutdown.log.pids["hung"]) + "] S"));
}

TEST("the script that has the console is skipped by its name alone") {
  const Root root;
  Script asks = root.Add("asks", "exec sleep 60");
  asks.interactive = true;
  const Shutdown shutdown = MakeShutdown(root, {asks, root.Add("next", "")});
  boost::asio::io_context loop(1);
  Ledger ledger(root.path);
  Log log;
  Runner runner(loop, shutdown.plan, Options(root), log, ledger);
  bool by_key = true, by_name = false;
  boost::asio::post(loop, [&] {
    by_key = runner.Skip("", "skipped by a key");
    by_name = runner.Skip("asks", "by name");
  });
  CHECK(runner.Run() == Runner::End::kDone);
  CHECK(!by_key && by_name);
  CHECK_EQ(log.events, (Strings{"start asks", "abandoned asks", "start next", "end next"}));
  kill(log.pids["asks"], SIGKILL);
}

TEST("skipping all leaves the running scripts alone and begins no other but native stages") {
  const Root root;
  const Result<HaltProgram> halt = HaltProgram::Load("/proc/self/exe");
  Script one = root.Add("one", "exec sleep 60"), two = root.Add("two", "exec sleep 60");
  Script later = root.Add("later", "");
  later.after = {0};
  Script stage = root.Add("sendsigs", "");
  stage.kind = ScriptKind::kNativeStage;
  stage.stages = "kill";
  stage.after = {2};
  Shutdown shutdown = MakeShutdown(root, {one, two, later, stage});
  shutdown.plan.passes.push_back({Action::kStop, {root.Add("last", "")}});
  shutdown.halt = &halt.value;
  shutdown.Run([](Runner& runner, const Waiting&) { runner.SkipAll("enough"); });
  Strings& events = shutdown.log.events;
  for (const char* event :
       {"abandoned one", "abandoned two", "skipped later", "end sendsigs", "skipped last"}) {
    CHECK(Has(events, event));
  }
  CHECK_EQ(shutdown.log.reasons["two"], "enough");
}

TEST("the script phase ends when its budget is over, though each script has time left") {
  const Root root;
  Script hung = root.Add("hung", "exec sleep 60"), later = root.Add("later", "");
  hung.limit = 60s;
  later.after = {0};
  Shutdown shutdown = MakeShutdown(root, {hung, later});
  shutdown.budget = 1s;
  shutdown.Run();
  CHECK_EQ(shutdown.log.events, (Strings{"start hung", "abandoned hung", "skipped later"}));
  CHECK_EQ(shutdown.log.reasons["hung"], "the 1 s for all scripts are over");
}

TEST("a process that a script started and that stopped itself is continued") {
  const Root root;
  Script script = root.Add("stops", "sh -c 'kill -STOP $$'; exit 0");
  script.limit = 20s;
  Shutdown shutdown = MakeShutdown(root, {script});
  shutdown.Run();
  CHECK_EQ(shutdown.log.events, (Strings{"start stops", "end stops"}));
}
