// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/longest_time.h"

#include "check.h"

namespace longest_time_test {
using namespace curfew;
using std::chrono::seconds;

namespace {

/// A stop with these limits that waits for the scripts `after`.
Script Stop(int limit, int limit_hard, std::vector<Dependency> after = {}) {
  Script script;
  script.limit = seconds(limit);
  script.limit_hard = seconds(limit_hard);
  script.after = std::move(after);
  return script;
}

Plan Down(std::vector<Script> scripts) {
  Plan plan;
  plan.down = true;
  plan.passes.push_back({Action::kStop, std::move(scripts)});
  return plan;
}

/// "quiet in_all" in seconds.
std::string Longest(const Plan& plan, int budget = 0, int jobs = 256) {
  const LongestTime time = LongestTimeOf(plan, seconds(budget), jobs);
  return std::to_string(time.quiet.count()) + " " + std::to_string(time.in_all.count());
}

}  // namespace

TEST("longest time: the limits add up along the longest way, not over all scripts") {
  const Plan plan = Down({Stop(90, 600), Stop(90, 600, {{0}}), Stop(300, 900)});
  CHECK_EQ(Longest(plan), "300 1200");
  CHECK_EQ(Longest(Down({})), "0 0");
}

TEST("longest time: with fewer jobs than scripts, or one at a time, it is that of all") {
  Plan plan = Down({Stop(90, 600), Stop(90, 600), Stop(300, 900)});
  CHECK_EQ(Longest(plan, 0, 2), "480 2100");
  plan.serial = true;
  CHECK_EQ(Longest(plan), "480 2100");
}

TEST("longest time: the budget cuts it, twice the budget while there is progress") {
  CHECK_EQ(Longest(Down({Stop(90, 600), Stop(90, 600, {{0}})}), 100), "100 200");
  CHECK_EQ(Longest(Down({Stop(20, 30)}), 100), "20 30");
}

TEST("longest time: the budget does not end what has the console") {
  Plan plan = Down({Stop(300, 600), Stop(0, 70, {{0}})});
  plan.passes[0].scripts[1].interactive = true;
  CHECK_EQ(Longest(plan, 100), "170 270");
}

TEST("longest time: passes add up, stages count as nothing, starts without a limit are told") {
  Plan plan = Down({Stop(90, 600)});
  plan.down = false;
  plan.passes.push_back({Action::kStart, {Stop(0, 0), Stop(60, 60)}});
  CHECK_EQ(Longest(plan), "150 660");
  CHECK(LongestTimeOf(plan, seconds(0), 1).unlimited);
  Plan stage = Down({Stop(0, 0)});
  stage.passes[0].scripts[0].kind = ScriptKind::kNativeStage;
  CHECK(!LongestTimeOf(stage, seconds(900), 1).unlimited);
}

}  // namespace longest_time_test
