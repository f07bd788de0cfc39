// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/before_power.h"

#include <string>
#include <vector>

#include "check.h"
#include "plan/link_name.h"
#include "plan/tree.h"

namespace before_power_test {
using namespace curfew;
using Strings = std::vector<std::string>;

namespace {

/// A shutdown with the scripts that end the machine; those in `edited` are not Debian's own.
Plan PlanOf(const std::string& level, const Strings& services, const Strings& edited,
            const Settings& settings = {}) {
  Tree tree;
  tree.level = {"/etc/rc" + level + ".d", true, {}, {}};
  for (const std::string& service : services) {
    tree.level.links.push_back(ParseLink("K01" + service, "../init.d/" + service, {}, false));
    tree.origins[service] = ScriptOrigin::kStock;
  }
  for (const std::string& service : edited) tree.origins[service] = ScriptOrigin::kEdited;
  return MakePlan({level, "2", "", {}}, settings, tree);
}

/// What runs, "until-power" for the stages, in the order of the plan.
std::string Runs(const Plan& plan) {
  std::string text;
  for (const Script& script : plan.passes[0].scripts)
    if (script.kind == ScriptKind::kScript || !script.until_power.empty())
      text += (text.empty() ? "" : " ") + script.service;
  return text;
}

}  // namespace

TEST("before an edited halt all stages but power run, with the options of the hand-over") {
  const Plan plan = PlanOf("0", {"cron", "umountroot", "halt"}, {"halt"});
  CHECK_EQ(Runs(plan), "cron until-power halt");
  const auto& scripts = plan.passes[0].scripts;
  CHECK_EQ(scripts[2].until_power, (Strings{"halt", "--until-power", "-i", "-p", "-h"}));
  CHECK_EQ(scripts[2].after, (std::vector<Dependency>{{1, EdgeSource::kPower}}));
  CHECK_EQ(scripts[3].after,
           (std::vector<Dependency>{{1, EdgeSource::kPower}, {2, EdgeSource::kPower}}));
  CHECK_EQ(plan.hand_over, (Strings{"halt", "-f", "-i", "-p", "-h"}));
  CHECK_EQ(plan.warnings, Strings{"/etc/init.d/halt: edited here; it runs last, after all stages "
                                  "but power"});
}

TEST("nothing comes before stock scripts that end the machine, nor in another level") {
  CHECK_EQ(Runs(PlanOf("0", {"cron", "halt"}, {})), "cron");
  CHECK_EQ(Runs(PlanOf("6", {"cron", "kexec", "reboot"}, {})), "cron");
  CHECK_EQ(Runs(PlanOf("1", {"cron", "halt"}, {"halt"})), "cron halt");
}

TEST("an edited kexec is before stock reboot; before an edited reboot stock kexec runs itself") {
  Plan plan = PlanOf("6", {"cron", "kexec", "reboot"}, {"kexec"});
  CHECK_EQ(Runs(plan), "cron until-power kexec");
  plan = PlanOf("6", {"cron", "kexec", "reboot"}, {"reboot"});
  CHECK_EQ(Runs(plan), "cron until-power kexec reboot");
  CHECK_EQ(plan.hand_over, (Strings{"reboot", "-f", "-i", "-k"}));
  CHECK_EQ(plan.passes[0].scripts[1].until_power, (Strings{"reboot", "--until-power", "-i", "-k"}));
}

TEST("a stock halt that NATIVE leaves out has the stages before it, and LIMIT in all") {
  Settings settings;
  settings.native_all = false;
  settings.limits.limit = std::chrono::seconds(7);
  const Plan plan = PlanOf("0", {"halt"}, {}, settings);
  CHECK_EQ(Runs(plan), "until-power halt");
  const Script& halt = plan.passes[0].scripts[1];
  CHECK_EQ(halt.limit.count(), 7);
  CHECK_EQ(halt.limit_hard.count(), 7);
  CHECK(!halt.interactive);
}

}  // namespace before_power_test
