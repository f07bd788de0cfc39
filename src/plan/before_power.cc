// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/before_power.h"

#include <algorithm>
#include <utility>

#include "plan/native.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr char kName[] = "until-power";

/// Whether the script ends the machine, or would if nothing replaced it.
bool EndsMachine(const std::string& level, const Script& script) {
  const NativeStage* stage = FindNativeStage(script.service, level);
  return stage && stage->kind == ScriptKind::kHandOver;
}

void LetRun(const Settings& settings, Script* script) {
  const StopLimits limits = LimitsOf(settings, script->service);
  script->kind = ScriptKind::kScript;
  script->interactive = false;
  script->limit = script->limit_hard = std::min(limits.limit, limits.limit_hard);
}

Script Stages(std::vector<std::string> hand_over, const Script& before) {
  std::replace(hand_over.begin(), hand_over.end(), std::string("-f"), "--" + std::string(kName));
  Script script;
  script.service = script.link = kName;
  script.kind = ScriptKind::kNativeStage;
  script.stages = "all but power";
  script.until_power = std::move(hand_over);
  script.after = before.after;
  return script;
}

}  // namespace

void AddStagesBeforePower(const Settings& settings, const std::string& level,
                          std::vector<std::string> hand_over, Pass* pass) {
  std::vector<Script>& scripts = pass->scripts;
  const auto runs = [&](const Script& script) {
    return script.kind == ScriptKind::kScript && EndsMachine(level, script);
  };
  if (std::none_of(scripts.begin(), scripts.end(), runs)) return;
  const auto last = std::find_if(scripts.rbegin(), scripts.rend(), runs).base();
  for (auto script = scripts.begin(); script != last; ++script)
    if (runs(*script) || (script->service == "kexec" && EndsMachine(level, *script)))
      LetRun(settings, &*script);
  const auto first = std::find_if(scripts.begin(), scripts.end(), runs);
  const int place = static_cast<int>(first - scripts.begin());
  scripts.insert(first, Stages(std::move(hand_over), *first));
  for (size_t i = place + 1; i < scripts.size(); ++i) {
    std::vector<Dependency>& after = scripts[i].after;
    for (Dependency& before : after) before.script += before.script >= place;
    if (!runs(scripts[i])) continue;
    const auto behind = std::find_if(after.begin(), after.end(), [&](const Dependency& before) {
      return before.script > place;
    });
    after.insert(behind, {place, EdgeSource::kPower});
  }
}

}  // namespace curfew
