// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/plan_text.h"

#include "check.h"

namespace plan_text_test {
using namespace curfew;
using std::chrono::seconds;

namespace {

Script Stop(const std::string& service, std::vector<Dependency> after = {}) {
  Script script;
  script.service = service;
  script.link = "K01" + service;
  script.path = "/etc/init.d/" + service;
  script.limit = seconds(90);
  script.limit_hard = seconds(600);
  script.after = std::move(after);
  return script;
}

PlanView Down(std::vector<Script> scripts) {
  PlanView view;
  view.change.plan.level = "0";
  view.change.plan.previous = "2";
  view.change.plan.down = true;
  view.times = {std::vector<ScriptTime>(scripts.size())};
  view.change.plan.passes = {{Action::kStop, std::move(scripts)}};
  view.change.plan.hand_over = {"halt", "-f"};
  return view;
}

}  // namespace

TEST("plan text: names, direct dependencies, reasons and the hand-over, escaped") {
  PlanView view = Down({Stop("a b"), Stop("x\ny", {{0}}), Stop("c", {{0}, {1}})});
  view.change.plan.omitted = {{"K03dir", "a directory", "dir"}};
  view.longest = {seconds(90), seconds(600)};
  CHECK_EQ(PlanText(view, 80),
           "level 0 after level 2: 3 scripts, in parallel\n"
           "stop:\n"
           "  K01a b     /etc/init.d/a b stop\n"
           "  K01x\\x0Ay  /etc/init.d/x\\x0Ay stop  after a b\n"
           "  K01c       /etc/init.d/c stop       after x\\x0Ay\n"
           "left out:\n"
           "  K03dir  a directory\n"
           "hand-over: halt -f\n"
           "at the longest: 1 min 30 s for the scripts, 10 min 0 s while they make progress;\n"
           "  then 1 min 0 s without progress for the final sequence, 30 min 0 s in all\n");
}

TEST("plan text: a second pass of the same kind comes after the first, and says so") {
  PlanView view = Down({Stop("rc.shutdown")});
  view.change.plan.passes.push_back({Action::kStop, {Stop("a")}});
  view.times.emplace_back(1);
  const std::string text = PlanText(view, 80);
  CHECK(text.find("parallel\nstop:\n  K01rc.shutdown ") != text.npos);
  CHECK(text.find("\nstop, after these:\n  K01a ") != text.npos);
  view.change.plan.passes[1].action = Action::kStart;
  CHECK(PlanText(view, 80).find("\nstart:\n  K01a ") != text.npos);
}

TEST("plan text: how long scripts usually take, and their slack, as far as it is known") {
  PlanView view = Down({Stop("a"), Stop("b"), Stop("new")});
  view.times[0][0] = {seconds(12), seconds(0)};
  view.times[0][1] = {std::chrono::milliseconds(400), seconds(11)};
  const std::string text = PlanText(view, 80);
  CHECK(text.find("K01a    /etc/init.d/a stop    usually 12 s, no slack\n") != std::string::npos);
  CHECK(text.find("K01b    /etc/init.d/b stop    usually under 1 s, slack 11 s\n") !=
        std::string::npos);
  CHECK(text.find("K01new  /etc/init.d/new stop\n") != std::string::npos);
}

TEST("plan text: whom the kill stage ends, who is logged in, and no scripts at all") {
  PlanView view = Down({});
  view.change.plan.passes = {};
  view.unstopped = {{"cron", {"cron[812]", "cron[813]"}}, {"x", {"y\n[4]"}}};
  view.logins = {{"anna", "tty1", 9}};
  CHECK_EQ(PlanText(view, 0),
           "level 0 after level 2: 0 scripts, in parallel\n"
           "hand-over: halt -f\n"
           "at the longest: 1 min 0 s without progress for the final sequence, 30 min 0 s in all\n"
           "without a stop link, ended by the kill stage: cron (cron[812], cron[813]), x "
           "(y\\x0A[4])\n"
           "logged in: anna on tty1\n");
}

}  // namespace plan_text_test
