// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/plan_text.h"

#include "console/escape.h"
#include "console/table.h"

namespace curfew {
namespace {

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + Escaped(word);
  return text;
}

std::string What(const Script& script) {
  if (script.kind == ScriptKind::kHandOver) return "hand-over";
  if (!script.until_power.empty()) return Joined(script.until_power);
  if (script.kind == ScriptKind::kNativeStage) return "halt --stage " + script.stages;
  const char* shell = script.trace ? "sh -x " : script.shell ? "sh " : "";
  return shell + Escaped(script.path) + " " + ActionWord(script.action);
}

std::string After(const Pass& pass, const Script& script) {
  std::string text = script.interactive ? "alone, on the console" : "";
  // Only a hook has one limit for both.
  if (script.limit.count() > 0 && script.limit == script.limit_hard) {
    text +=
        (text.empty() ? "at most " : "; at most ") + std::to_string(script.limit.count()) + " s";
  }
  for (size_t i = 0; i < script.after.size(); ++i) {
    text += i > 0 ? ", " : text.empty() ? "after " : "; after ";
    text += Escaped(pass.scripts[script.after[i].script].service);
  }
  return text;
}

std::string PassText(const Pass& pass) {
  std::vector<Row> rows;
  for (const Script& script : pass.scripts) {
    rows.push_back({Escaped(script.link), What(script), After(pass, script)});
  }
  return std::string(ActionWord(pass.action)) + ":\n" + Table(rows);
}

std::string Title(const Plan& plan) {
  size_t count = 0;
  for (const Pass& pass : plan.passes) count += pass.scripts.size();
  std::string title = "level " + Escaped(plan.level);
  if (plan.previous != "N") title += " after level " + Escaped(plan.previous);
  if (plan.unchanged) return title + ": no change of level, nothing runs\n";
  title += ": " + std::to_string(count) + (count == 1 ? " script" : " scripts");
  return title + (plan.serial ? ", one at a time\n" : ", in parallel\n");
}

}  // namespace

std::string PlanText(const Plan& plan) {
  std::string text = Title(plan);
  for (const Pass& pass : plan.passes) text += PassText(pass);
  if (!plan.omitted.empty()) {
    std::vector<Row> rows;
    for (const Omitted& omitted : plan.omitted) {
      rows.push_back({Escaped(omitted.link), Escaped(omitted.reason)});
    }
    text += "left out:\n" + Table(rows);
  }
  if (!plan.hand_over.empty()) {
    text += "hand-over: " + Joined(plan.hand_over) + "\n";
  }
  return text;
}

}  // namespace curfew
