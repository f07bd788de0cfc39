// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/plan_json.h"

#include <boost/json.hpp>

#include "console/escape.h"
#include "plan/direct.h"
#include "report/edge_words.h"
#include "report/json_text.h"

namespace curfew {
namespace {

namespace json = boost::json;

json::array Strings(const std::vector<std::string>& strings) {
  json::array array;
  for (const std::string& string : strings) array.push_back(json::value(Escaped(string)));
  return array;
}

/// Seconds; null: no limit.
json::value Limit(std::chrono::seconds limit) {
  return limit.count() == 0 ? json::value(nullptr) : json::value(limit.count());
}

const char* KindWord(ScriptKind kind) {
  switch (kind) {
    case ScriptKind::kScript:
      return "script";
    case ScriptKind::kNativeStage:
      return "stage";
    case ScriptKind::kHandOver:
      break;
  }
  return "hand-over";
}

json::array After(const Pass& pass, const std::vector<Dependency>& direct) {
  json::array after;
  for (const Dependency& before : direct) {
    const Script& script = pass.scripts[static_cast<size_t>(before.script)];
    after.push_back({{"service", Escaped(script.service)}, {"source", EdgeWord(before.source)}});
  }
  return after;
}

json::object ScriptJson(const PlanView& view, const Script& script) {
  const auto broken = view.cannot_run.find(script.path);
  return {{"service", Escaped(script.service)},
          {"link", Escaped(script.link)},
          {"action", ActionWord(script.action)},
          {"kind", KindWord(script.kind)},
          {"path", Escaped(script.path)},
          {"stages", Escaped(script.stages)},
          {"console", script.interactive},
          {"limit_s", Limit(script.limit)},
          {"limit_hard_s", Limit(script.limit_hard)},
          {"cannot_run", broken == view.cannot_run.end() ? "" : Escaped(broken->second)}};
}

/// Microseconds; null: no earlier shutdown tells.
void AddTime(const ScriptTime& time, json::object* script) {
  (*script)["usual_us"] = time.usual ? json::value(time.usual->count()) : json::value(nullptr);
  (*script)["slack_us"] = time.usual ? json::value(time.slack.count()) : json::value(nullptr);
}

json::array Scripts(const PlanView& view) {
  json::array scripts;
  const std::vector<Pass>& passes = view.change.plan.passes;
  for (size_t number = 0; number < passes.size(); ++number) {
    const auto direct = DirectDependencies(passes[number]);
    for (size_t i = 0; i < passes[number].scripts.size(); ++i) {
      json::object script = ScriptJson(view, passes[number].scripts[i]);
      script["pass"] = number;
      AddTime(view.times[number][i], &script);
      script["after"] = After(passes[number], direct[i]);
      scripts.push_back(std::move(script));
    }
  }
  return scripts;
}

json::array LeftOut(const Plan& plan) {
  json::array left_out;
  for (const Omitted& omitted : plan.omitted) {
    left_out.push_back({{"link", Escaped(omitted.link)},
                        {"service", Escaped(omitted.service)},
                        {"reason", Escaped(omitted.reason)}});
  }
  return left_out;
}

json::array UnstoppedJson(const PlanView& view) {
  json::array services;
  for (const Unstopped& service : view.unstopped) {
    services.push_back(
        {{"service", Escaped(service.service)}, {"processes", Strings(service.processes)}});
  }
  return services;
}

json::array Logins(const PlanView& view) {
  json::array logins;
  for (const Login& login : view.logins) {
    logins.push_back({{"user", Escaped(login.user)}, {"terminal", Escaped(login.terminal)}});
  }
  return logins;
}

}  // namespace

std::string PlanJson(const PlanView& view) {
  const Plan& plan = view.change.plan;
  return JsonText(json::object{{"schema", 1},
                               {"level", Escaped(plan.level)},
                               {"previous", Escaped(plan.previous)},
                               {"unchanged", plan.unchanged},
                               {"one_at_a_time", plan.serial},
                               {"scripts", Scripts(view)},
                               {"left_out", LeftOut(plan)},
                               {"hand_over", Strings(plan.hand_over)},
                               {"longest_quiet_s", view.longest.quiet.count()},
                               {"longest_s", view.longest.in_all.count()},
                               {"unlimited", view.longest.unlimited},
                               {"unstopped", UnstoppedJson(view)},
                               {"logged_in", Logins(view)},
                               {"warnings", Strings(plan.warnings)}}) +
         "\n";
}

}  // namespace curfew
