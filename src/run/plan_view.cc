// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/plan_view.h"

#include <utility>

#include "config/file.h"
#include "config/rooted.h"
#include "kernel/process_info.h"
#include "run/cannot_run.h"
#include "run/jobs.h"
#include "run/script_run.h"
#include "run/slack.h"

namespace curfew {
namespace {

/// Bytes of utmp: more than 2,000 logins.
constexpr size_t kMostUtmp = 1 << 20;

std::map<std::string, std::string> FindBroken(const std::string& root, const Plan& plan) {
  std::map<std::string, std::string> broken;
  for (const Pass& pass : plan.passes) {
    for (const Script& script : pass.scripts) {
      if (script.kind != ScriptKind::kScript || script.shell) continue;
      const std::string why = WhyCannotRun(root, script.path);
      if (!why.empty()) broken[script.path] = why;
    }
  }
  return broken;
}

/// Who is logged in, as utmp says; on the machine itself only where the process lives.
std::vector<Login> FindLogins(Kernel& kernel, const std::string& root) {
  std::vector<Login> logins;
  for (const char* path : {"/run/utmp", "/var/run/utmp"}) {
    const Result<std::string> real = ResolveBelow(root, path);
    if (!real) continue;
    logins = ParseLogins(ReadRegularFile(real.value, kMostUtmp).value);
    if (!logins.empty()) break;
  }
  std::erase_if(logins, [&](const Login& login) {
    return root.empty() && IsGone(ReadProcess(kernel, login.pid).error);
  });
  return logins;
}

std::vector<std::vector<ScriptTime>> TimesOf(const Plan& plan, const UsualDurations& usual) {
  const std::vector<ScriptRun> runs = MakeRuns(plan, usual);
  const Slack slack(runs);
  std::vector<std::vector<ScriptTime>> times(plan.passes.size());
  for (const ScriptRun& run : runs)
    times[static_cast<size_t>(run.pass)].push_back({run.usual, slack.Of(run.id)});
  return times;
}

}  // namespace

PlanView ViewPlan(Kernel& kernel, const std::string& root, LevelChange change) {
  PlanView view;
  const Plan& plan = change.plan;
  const Settings& settings = change.settings;
  const int jobs = JobsOf(settings, kernel, root);
  view.cannot_run = FindBroken(root, plan);
  view.longest = LongestTimeOf(plan, settings.stop_budget, jobs);
  view.times = TimesOf(plan, ReadUsual(kernel, root));
  if (plan.down) view.logins = FindLogins(kernel, root);
  if (plan.down && root.empty()) view.unstopped = FindUnstopped(kernel, change);
  view.change = std::move(change);
  return view;
}

}  // namespace curfew
