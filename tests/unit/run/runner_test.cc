// SPDX-License-Identifier: GPL-2.0-or-later
// What the runner starts, and in which order.
#include "fake_launcher.h"

namespace runner_test {
using namespace curfew;

TEST("a script for which there is no process is started as soon as there is one, once") {
  FakeRun run;
  run.Add("db");
  run.Add("web", {0});
  run.launcher.refused_starts = 30;
  run.Run();
  CHECK_EQ(run.launcher.started, (Strings{"db", "web"}));
  CHECK(run.launcher.allowed_more == 1 && run.launcher.Passed() == 3s);
  CHECK_EQ(run.log.events, (Strings{"start db", "end db", "start web", "end web"}));
}

TEST("a script for which there is no process for a minute counts as not run, and is said so") {
  FakeRun run;
  run.Add("db");
  run.launcher.refused_starts = 1'000'000;
  run.Run();
  CHECK(run.launcher.started.empty() && run.launcher.Passed() == 60s);
  CHECK_EQ(run.log.events, (Strings{"start db", "end db"}));
}

TEST("run: a script starts when all it waits for have ended") {
  FakeRun run;
  run.Add("a"), run.Add("b"), run.Add("c", {0, 1});
  run.launcher.takes = {{"a", 2s}, {"b", 5s}};
  run.Run();
  CHECK_EQ(run.log.events, (Strings{"start a", "start b", "end a", "end b", "start c", "end c"}));
}

TEST("run: as many scripts run at one time as there are jobs, and no more") {
  FakeRun run;
  run.options.jobs = 3;
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g"}) {
    run.Add(name);
    run.launcher.takes[name] = 1s;
  }
  run.Run();
  CHECK_EQ(run.launcher.most_at_once, 3);
  CHECK_EQ(run.launcher.Passed(), 3s);
}

TEST("run: with one job the scripts run in the order of the plan") {
  FakeRun run;
  run.options.jobs = 1;
  for (const char* name : {"c", "a", "b"}) run.Add(name);
  run.Run();
  CHECK_EQ(run.log.events, (Strings{"start c", "end c", "start a", "end a", "start b", "end b"}));
}

TEST("run: of the ready scripts the one with the longest chain starts first") {
  FakeRun run;
  run.options.jobs = 1;
  run.Add("a");
  run.Add("b");
  run.Add("c", {1});
  run.Add("d", {2});
  run.Run();
  CHECK_EQ(run.launcher.started, (Strings{"b", "c", "a", "d"}));
}

TEST("run: each of many scripts runs once, behind those it waits for") {
  FakeRun run;
  run.options.jobs = 4;
  for (int i = 0; i < 100; ++i) {
    std::vector<int> after;
    for (int j = i % 7; j < i; j += 13) after.push_back(j);
    run.Add(std::to_string(i), after);
    run.launcher.takes[std::to_string(i)] = seconds(i % 5);
  }
  run.Run();
  const auto at = [&](const std::string& event) {
    const auto found = std::find(run.log.events.begin(), run.log.events.end(), event);
    return found - run.log.events.begin();
  };
  CHECK_EQ(run.log.events.size(), 200u);
  for (const Script& script : run.plan.passes[0].scripts)
    for (const Dependency& before : script.after)
      CHECK(at("end " + std::to_string(before.script)) < at("start " + script.service));
}

TEST("run: a pass begins when the pass before it has ended") {
  FakeRun run;
  run.Add("a"), run.Add("b");
  run.AddPass();
  run.Add("c");
  run.launcher.takes = {{"b", 3s}};
  run.Run();
  CHECK_EQ(run.log.events, (Strings{"start a", "start b", "end a", "end b", "start c", "end c"}));
}

TEST("run: passes without scripts are passed over") {
  FakeRun run;
  run.AddPass();
  run.AddPass();
  run.Add("a");
  run.AddPass();
  CHECK(run.Run() == Runner::End::kDone);
  CHECK_EQ(run.launcher.started, Strings{"a"});
}

TEST("run: a plan without scripts is done at once") {
  FakeRun run;
  CHECK(run.Run() == Runner::End::kDone);
  CHECK_EQ(run.launcher.Passed(), 0s);
}

TEST("run: a script that fails lets those behind it start, and is counted as failed") {
  FakeRun run;
  run.Add("a"), run.Add("b", {0}), run.Add("c", {1});
  run.launcher.status.emplace("a", ExitStatus::Exited(1));
  run.launcher.status.emplace("b", ExitStatus::NotRun(ENOENT));
  run.Run();
  CHECK_EQ(run.launcher.started, (Strings{"a", "b", "c"}));
  CHECK_EQ(run.log.failed, (Strings{"a", "b"}));
}

TEST("run: lines come between start and end, and after the end") {
  FakeRun run;
  run.Add("a");
  run.Add("b");
  run.launcher.takes = {{"a", 2s}, {"b", 9s}};
  for (const seconds time : {1s, 3s})
    run.launcher.In(time, {.kind = RunEvent::Kind::kLine, .id = 0, .text = "x"});
  run.Run();
  CHECK_EQ(run.log.events,
           (Strings{"start a", "start b", "line a x", "end a", "line a x", "end b"}));
}

TEST("run: a script with the console runs alone") {
  FakeRun run;
  run.Add("a");
  run.Add("shell").interactive = true;
  run.Add("b", {0});
  run.launcher.takes = {{"a", 2s}, {"shell", 2s}};
  run.Run();
  CHECK_EQ(run.log.events,
           (Strings{"start a", "end a", "start shell", "end shell", "start b", "end b"}));
}

TEST("run: the console is lent while a script has it") {
  FakeRun run;
  run.Add("a");
  run.Add("shell", {0}).interactive = true;
  run.Run();
  CHECK_EQ(run.log.lent, std::string("+-"));
}

TEST("run: the hand-over starts nothing, and is not counted") {
  FakeRun run;
  run.AddHung("a", 90s);
  run.Add("halt", {0}).kind = ScriptKind::kHandOver;
  run.Run();
  CHECK_EQ(run.launcher.started, Strings{"a"});
  CHECK_EQ(run.log.waitings.at(0).scripts, 1u);
}

TEST("run: a native stage runs, and its end lets others start") {
  FakeRun run;
  run.AddStage("sendsigs"), run.Add("a", {0});
  run.Run();
  CHECK_EQ(run.launcher.started, (Strings{"sendsigs", "a"}));
}

TEST("run: where the stages before a halt script fail the script does not run") {
  for (const auto& [status, last] : {std::pair(ExitStatus::Exited(0), "halt"),
                                     std::pair(ExitStatus::Signalled(9), "until-power"),
                                     std::pair(ExitStatus::NotRun(2), "until-power")}) {
    FakeRun run;
    run.AddStage("until-power").until_power = {"halt", "--until-power"};
    run.Add("halt", {0});
    run.launcher.status.emplace("until-power", status);
    CHECK(run.Run() == Runner::End::kDone);
    CHECK_EQ(run.launcher.started.back(), last);
  }
}

TEST("run: on another tree a native stage is only named") {
  FakeRun run;
  run.options.runs_stages = false;
  run.AddStage("sendsigs"), run.Add("a", {0});
  run.Run();
  CHECK_EQ(run.launcher.started, Strings{"a"});
  CHECK_EQ(run.log.notes, Strings{"K01sendsigs: native stage kill is not run on another tree"});
}

TEST("run: after a failure the next script waits for Enter") {
  FakeRun run;
  run.options.enter_wait = 15s;
  run.Add("a"), run.Add("b", {0});
  run.launcher.status.emplace("a", ExitStatus::Exited(1));
  run.launcher.replies = {""};
  run.Run();
  CHECK_EQ(run.launcher.asked, Strings{"K01a failed; press Enter to continue (15s) "});
  CHECK_EQ(run.log.lent, std::string("+-"));
  CHECK_EQ(run.launcher.started, (Strings{"a", "b"}));
}

TEST("run: without an answer to that question nothing goes on") {
  FakeRun run;
  run.options.enter_wait = 15s;
  run.Add("a"), run.Add("b", {0});
  run.launcher.status.emplace("a", ExitStatus::Exited(1));
  run.Send(600s, RunEvent::Kind::kTerminate);
  run.Run();
  CHECK_EQ(run.launcher.started, Strings{"a"});
}

TEST("run: Enter is not asked for after a success, or where no wait is set") {
  for (const seconds wait : {15s, 0s}) {
    FakeRun run;
    run.options.enter_wait = wait;
    run.Add("a"), run.Add("b", {0});
    if (wait == 0s) run.launcher.status.emplace("a", ExitStatus::Exited(1));
    run.Run();
    CHECK(run.launcher.asked.empty());
  }
}

TEST("run: complete stops are recorded, native stages are not") {
  FakeRun run;
  run.Add("a"), run.AddStage("sendsigs", {0}), run.Add("b", {1});
  run.Run();
  CHECK_EQ(run.files.Stopped(), (Strings{"a", "b"}));
}

TEST("run: an abandoned stop is recorded when it ends") {
  FakeRun run;
  run.AddHung("a", 1s), run.Add("b");
  run.launcher.takes = {{"a", 5s}, {"b", 9s}};
  run.Run();
  CHECK_EQ(run.files.Stopped(), (Strings{"a", "b"}));
}

TEST("run: a level that is not on the way down records nothing, and forgets what was") {
  FakeRun run;
  run.plan.down = false;
  run.files.RecordStopped("old");
  run.Add("a");
  run.Run();
  CHECK(run.files.Stopped().empty());
}

TEST("run: only a stop whose exit status says so is complete") {
  FakeRun run;
  using Status = ExitStatus;
  const std::pair<const char*, ExitStatus> ends[] = {
      {"done", Status::Exited(0)},       {"absent", Status::Exited(5)},
      {"unset", Status::Exited(6)},      {"idle", Status::Exited(7)},
      {"failed", Status::Exited(1)},     {"odd", Status::Exited(8)},
      {"killed", Status::Signalled(15)}, {"never", Status::NotRun(13)}};
  for (const auto& [name, status] : ends) {
    run.Add(name);
    run.launcher.status.emplace(name, status);
  }
  run.Run();
  CHECK_EQ(run.files.Stopped(), (Strings{"done", "absent", "unset", "idle"}));
}

TEST("run: while scripts run the state files name them, and not those that ended") {
  FakeRun run;
  run.AddHung("slow", 300s), run.Add("done");
  Strings seen;
  run.launcher.In(50s, {.kind = RunEvent::Kind::kRequest,
                        .request = {ControlRequest::Kind::kStatus},
                        .reply = [&](const ControlAnswer&) {
                          for (const auto& r : run.files.LeftRunning()) seen.push_back(r.service);
                        }});
  run.launcher.takes["slow"] = 60s;
  run.Run();
  CHECK_EQ(seen, Strings{"slow"});
  CHECK(run.files.LeftRunning().empty());
}

TEST("run: that a state file cannot be written is said once") {
  FakeRun run;
  std::ofstream(run.root.path + "/run/curfew") << "in the way";
  run.Add("a"), run.Add("b");
  run.Run();
  CHECK_EQ(
      run.log.notes,
      Strings{"/run/curfew/running: Not a directory; another rc would begin all scripts again"});
}

}  // namespace runner_test
