// SPDX-License-Identifier: GPL-2.0-or-later
// How long the runner waits for a script, and what it says meanwhile.
#include "fake_launcher.h"

namespace runner_limits_test {
using namespace curfew;

TEST("limits: a script without progress is abandoned after its limit, and the next starts") {
  FakeRun run;
  run.AddHung("hung", 90s), run.Add("b", {0});
  run.Run();
  CHECK_EQ(run.log.events, (Strings{"start hung", "abandoned hung", "start b", "end b"}));
  CHECK_EQ(run.log.reasons["hung"], "no progress for 90 s");
  CHECK_EQ(run.launcher.Passed(), 90s);
}

TEST("limits: a script that makes progress has its limit again from then on") {
  FakeRun run;
  run.AddHung("works", 90s);
  run.works["works"] = 200s;
  run.Run();
  CHECK(run.launcher.Passed() >= 288s && run.launcher.Passed() <= 292s);
}

TEST("limits: LIMIT_HARD ends the wait whatever progress a script makes") {
  FakeRun run;
  run.AddHung("works", 90s).limit_hard = 600s;
  run.works["works"] = kNever;
  run.Run();
  CHECK_EQ(run.log.reasons["works"], "600 s in all");
  CHECK_EQ(run.launcher.Passed(), 600s);
}

TEST("limits: a script without a limit is waited for") {
  FakeRun run;
  run.Add("slow");
  run.launcher.takes = {{"slow", 5000s}};
  run.Run();
  CHECK_EQ(run.log.events, (Strings{"start slow", "end slow"}));
}

TEST("limits: after the first hang of a run a third of the limit is enough") {
  FakeRun run;
  run.AddHung("one", 90s), run.AddHung("two", 90s, {0}), run.AddHung("three", 90s, {1});
  run.Run();
  CHECK_EQ(run.launcher.Passed(), 150s);
}

TEST("limits: the first hang gives a third to what runs already, from then on") {
  FakeRun run;
  run.AddHung("one", 60s), run.AddHung("two", 120s);
  run.Run();
  CHECK_EQ(run.launcher.Passed(), 100s);
}

TEST("limits: a script past LIMIT_HARD takes no time from the others") {
  FakeRun run;
  run.AddHung("one", 90s).limit_hard = 60s;
  run.AddHung("two", 90s);
  run.Run();
  CHECK_EQ(run.launcher.Passed(), 90s);
}

TEST("limits: the console hears 30 s ahead that a script will be abandoned, once") {
  FakeRun run;
  run.AddHung("hung", 90s);
  run.Run();
  CHECK_EQ(run.log.notes, Strings{"hung quiet 60 s left 30 s"});
}

TEST("limits: progress after such a notice takes it back, and the next is said again") {
  FakeRun run;
  run.AddHung("hung", 90s);
  run.works["hung"] = 10s;
  run.launcher.takes["hung"] = 75s;
  run.Run();
  CHECK_EQ(run.log.notes.size(), 1u);
  CHECK_EQ(run.log.events, (Strings{"start hung", "end hung"}));
}

TEST("limits: the end of LIMIT_HARD is announced as well") {
  FakeRun run;
  run.AddHung("works", 90s).limit_hard = 600s;
  run.works["works"] = kNever;
  run.Run();
  CHECK_EQ(run.log.notes, Strings{"K01works: may take 600 s in all; left alone in 30 s"});
}

TEST("limits: a scan that does not come back stops no limit") {
  FakeRun run;
  run.launcher.on_scan = nullptr;
  run.AddHung("hung", 90s);
  run.Run();
  CHECK_EQ(run.launcher.scans, 1);
  CHECK(run.launcher.Passed() >= 90s && run.launcher.Passed() <= 92s);
}

TEST("limits: after an expensive scan the scripts have the CPU four times as long") {
  const auto scans = [](std::chrono::milliseconds cpu) {
    FakeRun run;
    run.Add("slow");
    run.launcher.takes = {{"slow", 60s}};
    run.launcher.on_scan = [=](const auto&) {
      ScanResult result;
      result.cpu = cpu;
      return result;
    };
    run.Run();
    return run.launcher.scans;
  };
  CHECK(scans(100ms) >= 56);
  CHECK(scans(1s) >= 11 && scans(1s) <= 16);
}

TEST("limits: the daemons of all scripts are looked for once in a run") {
  FakeRun run;
  run.AddHung("first", 40s);
  run.AddHung("second", 40s);
  int looks = 0;
  run.launcher.on_scan = [&, scan = run.launcher.on_scan](const auto& requests) {
    for (const ScanRequest& request : requests)
      looks += request.purpose == ScanRequest::Purpose::kDaemons;
    return scan(requests);
  };
  run.Run();
  CHECK_EQ(looks, 2);
}

TEST("limits: a script that ends quickly costs no scan") {
  FakeRun run;
  run.AddHung("quick", 90s);
  run.launcher.takes["quick"] = 0s;
  run.Run();
  CHECK_EQ(run.launcher.scans, 0);
}

TEST("limits: STOP_BUDGET abandons the scripts that run and skips the others, not the stages") {
  FakeRun run;
  run.options.budget = 900s;
  run.AddHung("hung", 2000s), run.Add("later", {0}), run.AddStage("sendsigs", {1});
  run.Run();
  CHECK_EQ(run.log.events, (Strings{"start hung", "abandoned hung", "skipped later",
                                    "start sendsigs", "end sendsigs"}));
  CHECK_EQ(run.log.reasons["hung"], "the 900 s for all scripts are over");
  CHECK_EQ(run.launcher.Passed(), 900s);
}

TEST("limits: progress extends STOP_BUDGET, to twice of it") {
  FakeRun run;
  run.options.budget = 100s;
  run.AddHung("works", 90s);
  run.works["works"] = kNever;
  run.Run();
  CHECK_EQ(run.launcher.Passed(), 200s);
}

TEST("limits: a script that has the console outlives STOP_BUDGET") {
  FakeRun run;
  run.options.budget = 100s;
  run.Add("shell").interactive = true;
  run.launcher.takes = {{"shell", 300s}};
  run.Run();
  CHECK_EQ(run.log.events, (Strings{"start shell", "end shell"}));
}

TEST("limits: what is known of an abandoned script's processes is told, with its last line") {
  FakeRun run;
  run.AddHung("hung", 3s);
  run.launcher.In(1s, {.kind = RunEvent::Kind::kLine, .id = 0, .text = "stopping"});
  run.launcher.In(2s, {.kind = RunEvent::Kind::kLine, .id = 0, .text = ""});
  run.Run();
  CHECK_EQ(run.log.evidence["hung"], Strings{"sleep S"});
  CHECK_EQ(run.log.last_lines["hung"], "stopping");
}

TEST("limits: a run waits one second for what is still to be told, and no longer") {
  FakeRun run;
  run.launcher.on_scan = nullptr;
  run.AddHung("hung", 30s);
  run.Run();
  CHECK(run.log.evidence.empty());
  CHECK(run.launcher.Passed() >= 31s && run.launcher.Passed() <= 33s);
}

TEST("limits: of a script that no scan gets past, what was found last is told, and others behind") {
  FakeRun run;
  run.AddHung("stuck", 10s), run.AddHung("hung", 10s), run.Add("slow");
  run.launcher.takes["slow"] = 60s;
  run.launcher.on_scan = [](const std::vector<ScanRequest>& requests) {
    ScanResult result;
    for (const ScanRequest& request : requests) {
      if (request.purpose == ScanRequest::Purpose::kEvidence)
        result.evidence[request.key] = {request.service + " S"};
      if (request.purpose == ScanRequest::Purpose::kEvidence && request.service == "stuck")
        return result.cut = request.key, result;
      result.processes[request.key];
    }
    return result;
  };
  run.Run();
  CHECK_EQ(run.log.evidence["stuck"], Strings{"stuck S"});
  CHECK_EQ(run.log.evidence["hung"], Strings{"hung S"});
}

TEST("limits: a process that is stopped at two scans in a row is continued, a daemon is not") {
  for (const bool daemon : {false, true}) {
    FakeRun run;
    run.sees.state = 'T';
    run.sees.daemon = daemon;
    run.AddHung("stops", 90s);
    run.launcher.takes["stops"] = 5s;
    run.Run();
    CHECK_EQ(run.launcher.continued.empty(), daemon);
  }
}

TEST("waiting: from the third second on the run names its oldest script, with the counts") {
  FakeRun run;
  run.Add("quick"), run.AddHung("hung", 90s), run.AddHung("other", 90s);
  run.launcher.takes["hung"] = run.launcher.takes["other"] = 5s;
  run.sees.name = "cupsd";
  run.sees.state = 'D';
  run.Run();
  const Waiting& waiting = run.log.waitings.at(0);
  CHECK_EQ(waiting.script->service, "hung");
  CHECK(waiting.elapsed == 3s && waiting.left == 87s && waiting.ended == 1 && waiting.scripts == 3);
  CHECK(waiting.process.starts_with("cupsd[" + std::to_string(run.launcher.pids["hung"]) + "] D"));
  CHECK_EQ(run.log.waitings.size(), 2u);
}

TEST("waiting: an end is the end of the wait, and the next begins 3 s later") {
  FakeRun run;
  run.Add("a"), run.Add("b"), run.Add("c", {0});
  run.launcher.takes = {{"a", 4s}, {"b", 6s}, {"c", 6s}};
  run.Run();
  CHECK_EQ(run.log.waits_over, 2);
  CHECK_EQ(run.log.waitings.size(), 2u);
  CHECK(run.log.waitings.at(0).script->service == "a" && run.log.waitings.at(0).elapsed == 3s);
  CHECK(run.log.waitings.at(1).script->service == "c" && run.log.waitings.at(1).elapsed == 5s);
}

TEST("waiting: the script that has the console is never named") {
  FakeRun run;
  run.Add("shell").interactive = true;
  run.launcher.takes = {{"shell", 30s}};
  run.Run();
  CHECK(run.log.waitings.empty());
}

}  // namespace runner_limits_test
