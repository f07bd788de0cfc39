// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/skip.h"

namespace curfew {
namespace {

constexpr char kReason[] = "skipped by curfew skip";

const Script* Find(const Plan& plan, const std::string& name) {
  for (const Pass& pass : plan.passes) {
    for (const Script& script : pass.scripts) {
      if (script.service == name || script.link == name) return &script;
    }
  }
  return nullptr;
}

}  // namespace

ControlAnswer Skip(const SkipRequest& request, const Plan& plan, Runner& runner) {
  if (request.name.empty()) {
    runner.SkipAll(kReason);
    return {true, "all scripts that are left are left alone"};
  }
  const Script* script = Find(plan, request.name);
  if (!script) return {false, request.name + ": no script of this change of level"};
  if (runner.Skip(script->service, kReason)) return {true, script->link + " is left alone"};
  const bool own_limits = script->kind != ScriptKind::kScript;
  return {false, script->link + (own_limits ? " is a native stage, with limits of its own"
                                            : " does not run, or has the console to itself")};
}

}  // namespace curfew
