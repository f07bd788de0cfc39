// SPDX-License-Identifier: GPL-2.0-or-later
// What people and other processes ask of a run: to skip, to confirm, to give way to another rc.
#include "fake_launcher.h"

namespace runner_requests_test {
using namespace curfew;

using Kind = RunEvent::Kind;

TEST("skip: a script is skipped by the name of its service or of its link") {
  for (const char* name : {"hung", "K01hung"}) {
    FakeRun run;
    run.AddHung("hung", 90s), run.Add("b", {0});
    const ControlAnswer answer = run.SkipIn(10s, name);
    CHECK(answer.done);
    CHECK_EQ(answer.text, std::string("K01hung is left alone"));
    CHECK_EQ(run.log.events, (Strings{"start hung", "abandoned hung", "start b", "end b"}));
    CHECK_EQ(run.log.reasons["hung"], "skipped by curfew skip");
  }
}

TEST("skip: what does not run, or is no script, is not skipped, and the answer says why") {
  FakeRun run;
  run.Add("slow"), run.Add("later", {0});
  run.launcher.takes = {{"slow", 20s}, {"sendsigs", 20s}};
  const ControlAnswer later = run.SkipIn(10s, "later");
  CHECK(!later.done);
  CHECK_EQ(later.text, std::string("K01later does not run, or has the console to itself"));
  FakeRun unknown;
  unknown.Add("slow");
  unknown.launcher.takes = {{"slow", 20s}};
  CHECK_EQ(unknown.SkipIn(10s, "x").text, std::string("x: no script of this change of level"));
  CHECK_EQ(unknown.log.events.size(), 2u);
}

TEST("skip: a native stage is not skipped") {
  FakeRun run;
  run.AddStage("sendsigs");
  run.launcher.takes = {{"sendsigs", 20s}};
  CHECK_EQ(run.SkipIn(10s, "sendsigs").text,
           std::string("K01sendsigs is a native stage, with limits of its own"));
  CHECK_EQ(run.log.events, (Strings{"start sendsigs", "end sendsigs"}));
}

TEST("skip: the script that has the console is skipped by its name, not by a key") {
  FakeRun run;
  run.Add("shell").interactive = true;
  run.launcher.takes = {{"shell", kNever}};
  run.Send(10s, Kind::kSkipWaitedFor, "by a key");
  CHECK(run.SkipIn(20s, "shell").done);
  CHECK_EQ(run.launcher.Passed(), 20s);
  CHECK_EQ(run.log.reasons["shell"], "skipped by curfew skip");
  CHECK_EQ(run.log.lent, std::string("+-"));
}

TEST("while a halt that a script called ends the machine no script begins, later they do") {
  FakeRun run;
  run.Add("first"), run.Add("second", {0});
  run.launcher.takes = {{"first", 3s}};
  run.launcher.halt_begins = run.launcher.begin + 2s;
  run.launcher.halt_ends = run.launcher.begin + 30s;
  run.Run();
  CHECK(run.launcher.Passed() >= 30s);
  CHECK_EQ(run.log.events, (Strings{"start first", "end first", "start second", "end second"}));
}

TEST("skip: a key skips the script that has run longest, once each time") {
  FakeRun run;
  run.AddHung("first", 90s), run.AddHung("second", 90s);
  run.Send(10s, Kind::kSkipWaitedFor, "by a key");
  run.Run();
  CHECK_EQ(run.log.reasons["first"], "by a key");
  CHECK_EQ(run.log.reasons["second"], "no progress for 90 s");
}

TEST("skip: a key does not skip a native stage") {
  FakeRun run;
  run.AddStage("sendsigs");
  run.launcher.takes = {{"sendsigs", 20s}};
  run.Send(10s, Kind::kSkipWaitedFor, "by a key");
  run.Run();
  CHECK_EQ(run.log.events, (Strings{"start sendsigs", "end sendsigs"}));
}

TEST("skip: a key skips the script that runs beside a native stage, whichever began first") {
  FakeRun run;
  run.AddStage("umountnfs.sh");
  run.AddHung("hung", 90s);
  run.launcher.takes["umountnfs.sh"] = 20s;
  run.Send(10s, Kind::kSkipWaitedFor, "by a key");
  run.Run();
  CHECK_EQ(run.log.reasons["hung"], "by a key");
}

TEST("skip all: what runs is abandoned, no script begins, native stages still run") {
  FakeRun run;
  run.AddHung("one", 90s), run.AddHung("two", 90s), run.Add("later", {0});
  run.AddStage("sendsigs", {2});
  run.AddPass();
  run.Add("last");
  run.Send(10s, Kind::kSkipAll, "enough");
  run.Run();
  CHECK_EQ(run.log.events,
           (Strings{"start one", "start two", "abandoned one", "abandoned two", "skipped later",
                    "start sendsigs", "end sendsigs", "skipped last"}));
  CHECK_EQ(run.log.reasons["two"], "enough");
  CHECK_EQ(run.launcher.Passed(), 10s);
}

TEST("skip all: is said once, and a running native stage goes on") {
  FakeRun run;
  run.AddStage("sendsigs");
  run.launcher.takes = {{"sendsigs", 20s}};
  run.Send(10s, Kind::kSkipAll, "enough");
  run.Send(11s, Kind::kSkipAll, "enough");
  run.Run();
  CHECK_EQ(run.log.notes, Strings{"enough; no script is waited for any more"});
  CHECK_EQ(run.log.events, (Strings{"start sendsigs", "end sendsigs"}));
}

TEST("skip all: what has the console goes on, and what would have it still begins") {
  FakeRun run;
  run.Add("shell").interactive = true;
  run.Add("menu", {0}).interactive = true;
  run.launcher.takes = {{"shell", 20s}};
  run.Send(10s, Kind::kSkipAll, "enough");
  run.Run();
  CHECK_EQ(run.log.events, (Strings{"start shell", "end shell", "start menu", "end menu"}));
}

TEST("confirm: yes runs a script, no skips it, and both let the next be asked about") {
  FakeRun run;
  run.Add("a"), run.Add("b"), run.Add("c");
  run.Confirmed({"y", "n", ""});
  run.Run();
  CHECK_EQ(run.log.events, (Strings{"start a", "end a", "skipped b", "start c", "end c"}));
  CHECK_EQ(run.launcher.asked, (Strings{"Stop service a?", "Stop service b?", "Stop service c?"}));
  CHECK_EQ(run.log.lent, std::string("+-+-+-"));
}

TEST(
    "confirm: while questions are asked one script runs at a time, after continue as many as "
    "jobs") {
  for (const bool goes_on : {false, true}) {
    FakeRun run;
    for (const char* name : {"a", "b", "c"}) run.Add(name), run.launcher.takes[name] = 5s;
    run.Confirmed({goes_on ? "c" : "y", "y", "y"});
    run.Run();
    CHECK_EQ(run.launcher.most_at_once, goes_on ? 3 : 1);
    CHECK_EQ(run.launcher.asked.size(), goes_on ? 1u : 3u);
  }
}

TEST("confirm: show names who waits for the script, and the question comes again") {
  FakeRun run;
  run.Add("a"), run.Add("b", {0});
  run.Confirmed({"s", "n", "n"});
  run.Run();
  CHECK(run.launcher.shown.ends_with("waiting for it: K01b\n"));
  CHECK_EQ(run.launcher.asked.size(), 3u);
  CHECK_EQ(run.log.events, (Strings{"skipped a", "skipped b"}));
}

TEST("confirm: a native stage is not asked about") {
  FakeRun run;
  run.AddStage("sendsigs");
  run.Confirmed({});
  run.Run();
  CHECK_EQ(run.log.events, (Strings{"start sendsigs", "end sendsigs"}));
}

TEST("confirm: the offer comes before the first script, and a no ends the questions") {
  FakeRun run;
  run.Add("a");
  run.Confirmed({"n"}, ConfirmRules::Begin::kOffer);
  run.Run();
  CHECK_EQ(run.launcher.asked, Strings{"Enter Interactive startup mode? y/[n] "});
  CHECK_EQ(run.log.lent, std::string("+-"));
  CHECK_EQ(run.launcher.started, Strings{"a"});
}

TEST("confirm: without an answer to the offer no script starts") {
  FakeRun run;
  run.Add("a");
  run.Confirmed({}, ConfirmRules::Begin::kOffer);
  run.Send(60s, Kind::kTerminate);
  run.Run();
  CHECK(run.launcher.started.empty());
}

TEST(
    "confirm: a script that is asked about has no process to skip; after skip all yes is too "
    "late") {
  FakeRun run;
  run.Add("a");
  run.Confirmed({});
  run.Send(10s, Kind::kSkipAll, "enough");
  run.Send(30s, Kind::kAnswer, "y");
  CHECK(!run.SkipIn(5s, "a").done);
  CHECK_EQ(run.log.events, Strings{"skipped a"});
}

TEST("extend: a script without progress is waited for longer, but not past its hard limit") {
  for (const seconds more : {100s, 10000s}) {
    FakeRun run;
    run.AddHung("hung", 90s).limit_hard = 600s;
    const ControlAnswer answer = run.AskIn(50s, {ControlRequest::Kind::kExtend, "K01hung", more});
    CHECK(answer.done);
    CHECK_EQ(answer.text, more == 100s ? "K01hung has 100 s now" : "K01hung has 550 s now");
    CHECK_EQ(run.launcher.Passed(), more == 100s ? 150s : 600s);
  }
}

TEST("extend: who is not root has it for the script that he came from alone") {
  for (const bool own : {true, false}) {
    FakeRun run;
    run.AddHung("hung", 90s);
    ControlRequest request{ControlRequest::Kind::kExtend, "hung", 100s};
    request.sender = run.launcher.last_pid + (own ? 1 : 2);
    CHECK_EQ(run.AskIn(50s, request).done, own);
    CHECK_EQ(run.launcher.Passed(), own ? 150s : 90s);
  }
}

TEST("extend: less than what is left, or a script without a limit, changes nothing") {
  FakeRun run;
  run.AddHung("hung", 90s);
  CHECK_EQ(run.AskIn(50s, {ControlRequest::Kind::kExtend, "hung", 5s}).text,
           "K01hung has 40 s now");
  CHECK_EQ(run.launcher.Passed(), 90s);
  FakeRun free;
  free.Add("a");
  free.launcher.takes = {{"a", 20s}};
  CHECK(!free.AskIn(10s, {ControlRequest::Kind::kExtend, "a", 5s}).done);
}

TEST("status: names what runs as the console does, what is left, and what waits for it") {
  FakeRun run;
  run.AddHung("hung", 90s), run.Add("b", {0}), run.Add("c", {0});
  run.sees.name = "cupsd";
  const std::string text = run.AskIn(14s, {ControlRequest::Kind::kStatus}).text;
  CHECK_EQ(FirstLine(text), R"({"level":"0","previous":"","scripts":3,"ended":0,"left_alone":0})");
  CHECK(text.find(R"("running_s":14,"left_s":76,)") != text.npos);
  CHECK(text.find(R"("behind":["b","c"])") != text.npos);
  CHECK(run.log.waitings.at(0).process.starts_with("cupsd[") &&
        text.find("[\"" + run.log.waitings.at(0).process + "\"]") != text.npos);
}

TEST("adopt: a stop that an earlier rc began is followed, not started again") {
  FakeRun run;
  run.LeaveRunning("a", Action::kStop, 7, 20s);
  run.Add("a"), run.Add("b", {0});
  run.Run();
  CHECK_EQ(run.log.events, (Strings{"start a", "end a", "start b", "end b"}));
  CHECK_EQ(run.launcher.started, Strings{"b"});
  CHECK_EQ(run.launcher.Passed(), 20s);
  CHECK_EQ(run.files.Stopped(), Strings{"b"});  // only its parent could know how it ended
}

TEST("adopt: a stop that was abandoned before stays so, and holds up nothing") {
  FakeRun run;
  run.LeaveRunning("a", Action::kStop, 7, kNever, true);
  run.Add("a"), run.Add("b", {0});
  run.Run();
  CHECK_EQ(run.log.events, (Strings{"start a", "abandoned a", "start b", "end b"}));
  CHECK_EQ(run.log.reasons["a"], "was left alone before");
  CHECK_EQ(run.log.evidence["a"], Strings{"sleep S"});
}

TEST("adopt: a stop that ended while no rc ran is not started again, and is not recorded") {
  FakeRun run;
  run.LeaveRunning("a", Action::kStop, 7, std::nullopt);
  run.Add("a"), run.Add("b", {0});
  run.Run();
  CHECK_EQ(run.launcher.started, Strings{"b"});
  CHECK_EQ(run.files.Stopped(), Strings{"b"});
}

TEST("adopt: an adopted stop has its limit like all others") {
  FakeRun run;
  run.LeaveRunning("a", Action::kStop, 7, kNever);
  run.Add("a").limit = 90s;
  run.Run();
  CHECK_EQ(run.log.reasons["a"], "no progress for 90 s");
}

TEST("adopt: a stop waits for the end of an earlier rc's start of its service") {
  FakeRun run;
  run.LeaveRunning("a", Action::kStart, 7, 20s);
  run.Add("a"), run.Add("b");
  run.Run();
  CHECK_EQ(run.log.events, (Strings{"start b", "end b", "start a", "end a"}));
  CHECK_EQ(run.launcher.Passed(), 20s);
}

TEST("adopt: it waits no longer than the limit, and not for one that was abandoned or is gone") {
  const auto passed = [](std::optional<seconds> takes, bool abandoned) {
    FakeRun run;
    run.options.old_start_limit = 90s;
    run.LeaveRunning("a", Action::kStart, 7, takes, abandoned);
    run.Add("a");
    run.Run();
    CHECK_EQ(run.log.events, (Strings{"start a", "end a"}));
    return run.launcher.Passed();
  };
  CHECK_EQ(passed(kNever, false), 90s);
  CHECK_EQ(passed(200s, false), 90s);
  CHECK_EQ(passed(kNever, true), 0s);
  CHECK_EQ(passed(std::nullopt, false), 0s);
}

TEST("adopt: a start waits for no earlier start of another service") {
  FakeRun run;
  run.LeaveRunning("other", Action::kStart, 7, kNever);
  run.Add("a");
  run.Run();
  CHECK_EQ(run.launcher.Passed(), 0s);
}

TEST("skip all: a stop behind an earlier start is skipped at once, and not run when that ends") {
  FakeRun run;
  run.LeaveRunning("a", Action::kStart, 7, 20s);
  run.Add("a"), run.AddStage("sendsigs", {0});
  run.launcher.takes = {{"sendsigs", 60s}};
  run.Send(10s, Kind::kSkipAll, "enough");
  run.Run();
  CHECK_EQ(run.log.events, (Strings{"skipped a", "start sendsigs", "end sendsigs"}));
}

TEST("second request: nothing starts any more, and what runs is left to the next rc") {
  FakeRun run;
  run.AddHung("hung", 10s), run.AddHung("slow", 900s), run.Add("later", {1});
  run.Send(20s, Kind::kTerminate);
  CHECK(run.Run() == Runner::End::kPreempted);
  CHECK_EQ(run.launcher.Passed(), 20s);
  CHECK_EQ(run.launcher.started, (Strings{"slow", "hung"}));
  const auto left = run.files.LeftRunning();
  CHECK_EQ(left.size(), 2u);
  CHECK(left.at(0).service == "hung" && left.at(0).abandoned);
  CHECK(left.at(1).service == "slow" && !left.at(1).abandoned);
  CHECK_EQ(left.at(1).pid, run.launcher.pids["slow"]);
  CHECK_EQ(left.at(1).start_time, static_cast<unsigned long long>(left.at(1).pid) * 10);
}

TEST("second request: what ended is not left to the next rc") {
  FakeRun run;
  run.Add("done"), run.AddHung("slow", 900s);
  run.Send(20s, Kind::kTerminate);
  run.Run();
  CHECK_EQ(run.files.LeftRunning().size(), 1u);
  CHECK_EQ(run.files.Stopped(), Strings{"done"});
}

TEST("second request: what an earlier rc left and had no turn yet is left again, if it lives") {
  FakeRun run;
  run.LeaveRunning("later", Action::kStop, 7, kNever);
  run.AddHung("slow", 900s), run.Add("later", {0});
  run.Send(20s, Kind::kTerminate);
  run.Run();
  const auto left = run.files.LeftRunning();
  CHECK(left.size() == 2 && left.at(1).service == "later" && left.at(1).pid == 7);
}

TEST("second request: that the scripts cannot be left to the next rc is said") {
  FakeRun run;
  run.AddHung("slow", 900s);
  std::ofstream(run.root.path + "/run/curfew") << "in the way";
  run.Send(20s, Kind::kTerminate);
  run.Run();
  CHECK_EQ(
      run.log.notes,
      Strings{"/run/curfew/running: Not a directory; another rc would begin all scripts again"});
}

}  // namespace runner_requests_test
