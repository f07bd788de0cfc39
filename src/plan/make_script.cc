// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/make_script.h"

#include "plan/early_unmount.h"
#include "plan/native.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Whether the link leads to init.d/SERVICE. A script elsewhere runs where it is.
bool LeadsToInitD(const Dialect& dialect, const PassSource& source, const Link& link) {
  std::string target = link.target;
  if (target.starts_with("../")) {
    const std::string& directory = source.directory.path;
    target.replace(0, 2, directory.substr(0, directory.rfind('/')));
  }
  return target == std::string(dialect.init_d) + "/" + link.service;
}

/// Lets a native stage replace the script if the script is unchanged and NATIVE does not exclude
/// it.
void Replace(const PlanInput& input, Script* script, Plan* plan) {
  const NativeStage* stage = FindNativeStage(script->service, plan->level);
  if (!stage || !IsNative(input.settings, script->service)) return;
  const auto md5 = input.tree.md5.find(script->service);
  if (md5 == input.tree.md5.end() || !Contains(stage->md5, md5->second)) {
    plan->warnings.push_back(script->path + ": not Debian's own version; " +
                             (stage->kind == ScriptKind::kHandOver
                                  ? "it runs last, before the hand-over"
                                  : "it runs, not stage " + std::string(stage->stages)));
    return;
  }
  script->kind = stage->kind;
  script->stages = stage->stages;
}

/// Starts have no limit, except on the way down. A script that has the console waits for a person,
/// or ends the machine or its processes: only its whole time is limited.
void SetLimits(const Settings& settings, bool down, Script* script) {
  if (script->kind != ScriptKind::kScript || (script->action == Action::kStart && !down)) return;
  const StopLimits limits = LimitsOf(settings, script->service);
  if (!script->interactive) script->limit = limits.limit;
  script->limit_hard = limits.limit_hard;
}

}  // namespace

Script MakeScript(const PlanInput& input, const PassSource& source, const Member& member,
                  Plan* plan) {
  const Dialect& dialect = input.dialect;
  const Link& link = *member.link;
  Script script;
  script.service = link.service;
  script.link = link.name;
  script.action = source.action;
  script.importance = member.importance;
  if (IsEarlyUnmount(member)) {
    script.kind = ScriptKind::kNativeStage;
    script.stages = kEarlyUnmount;
    return script;
  }
  script.argv0 = source.directory.path + "/" + link.name;
  // As stock rc: startpar runs the script itself, the serial loop runs the link (rc:120).
  const bool direct = !plan->serial && !source.by_name && LeadsToInitD(dialect, source, link);
  script.path = direct ? std::string(dialect.init_d) + "/" + link.service : script.argv0;
  script.shell = !link.executable && dialect.unusable != Unusable::kTried;
  script.trace = link.service == input.settings.trace;
  if (dialect.native_stages && !script.trace) Replace(input, &script, plan);
  const bool kills = script.kind == ScriptKind::kScript && Contains(dialect.killers, link.service);
  // The script that ends the machine does not return. It has the console, as if rc had become it.
  const bool ends_machine = source.action == Action::kStart && member.rank == Rank::kPower;
  script.interactive = member.interactive || ends_machine || kills;
  SetLimits(input.settings, plan->down, &script);
  return script;
}

}  // namespace curfew
