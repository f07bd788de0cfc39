// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/plan.h"

#include <algorithm>

#include "plan/before_power.h"
#include "plan/done_services.h"
#include "plan/early_unmount.h"
#include "plan/input.h"
#include "plan/member.h"
#include "plan/native.h"
#include "plan/order.h"
#include "plan/trace_command.h"
#include "text/text.h"

namespace curfew {
namespace {

/// The longest time that rc waits for a hook of the administrator.
constexpr std::chrono::seconds kHookLimit{60};

/// Whether the link leads to init.d/SERVICE. A script elsewhere runs where it is.
bool LeadsToInitD(const Dialect& dialect, const PassSource& source, const Link& link) {
  std::string target = link.target;
  if (target.starts_with("../")) {
    const std::string& directory = source.directory.path;
    target.replace(0, 2, directory.substr(0, directory.rfind('/')));
  }
  return target == std::string(dialect.init_d) + "/" + link.service;
}

/// Why a script is not Debian's own; empty: it is.
std::string WhyForeign(const Tree& tree, const std::string& service) {
  const auto found = tree.origins.find(service);
  switch (found == tree.origins.end() ? ScriptOrigin::kNoRecord : found->second) {
    case ScriptOrigin::kStock:
    case ScriptOrigin::kUnmodified:
      return "";
    case ScriptOrigin::kEdited:
      return "edited here";
    case ScriptOrigin::kNotAsked:
      return "no known version, and dpkg's record cannot be read (" + tree.record_error.message() +
             ")";
    case ScriptOrigin::kNoRecord:
      break;
  }
  return "no known version, and dpkg has no record of it";
}

/// Lets a native stage replace the script if the script is Debian's own and NATIVE does not exclude
/// it.
void Replace(const PlanInput& input, Script* script, Plan* plan) {
  const NativeStage* stage = FindNativeStage(script->service, plan->level);
  if (!stage || !IsNative(input.settings, script->service)) return;
  if (const std::string reason = WhyForeign(input.tree, script->service); !reason.empty()) {
    plan->warnings.push_back(script->path + ": " + reason + "; " +
                             (stage->kind == ScriptKind::kHandOver
                                  ? "it runs last, after all stages but power"
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

/// For the script of curfew.trace=. One that no shell runs runs as always, and a warning says so.
void SetTrace(const PlanInput& input, Script* script, Plan* plan) {
  script->trace = script->shell ? TraceCommand("") : TraceCommand(input.tree.traced);
  if (!script->trace.empty()) return;
  plan->warnings.push_back("curfew.trace=" + script->service + ": " +
                           Interpreter(input.tree.traced) +
                           " is no shell; the script runs untraced");
}

/// What rc does for one member of a pass: runs its script, or a native stage in its place. `after`
/// stays empty. An edited script that keeps a native stage from running adds a warning to `plan`.
Script MakeScript(const PlanInput& input, const PassSource& source, const Member& member,
                  Plan* plan) {
  const Dialect& dialect = input.dialect;
  const Link& link = *member.link;
  Script script;
  script.service = link.service;
  script.link = link.name;
  script.action = source.action;
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
  const bool traced = link.service == input.settings.trace;
  if (traced) SetTrace(input, &script, plan);
  if (dialect.native_stages && !traced) Replace(input, &script, plan);
  // The script that ends the machine does not return. It has the console, as if rc had become it.
  const bool ends_machine = source.action == Action::kStart && member.rank == Rank::kPower;
  script.interactive = member.interactive || ends_machine;
  SetLimits(input.settings, plan->down, &script);
  return script;
}

/// Makes the passes of one plan: the hooks before the links, stops, starts, the hooks behind them.
class Planner {
 public:
  explicit Planner(const PlanInput& input)
      : dialect_(input.dialect),
        request_(input.request),
        settings_(input.settings),
        tree_(input.tree),
        input_(input),
        final_(IsFinal(request_.level)),
        boots_(request_.level == dialect_.boot_level),
        halts_(!dialect_.halt_level.empty() && request_.level == dialect_.halt_level) {}

  Plan Make() {
    plan_.level = request_.level;
    plan_.previous = request_.previous;
    plan_.down = final_ || halts_;
    plan_.unchanged = Unchanged();
    if (plan_.unchanged) return std::move(plan_);
    plan_.serial = !InParallel(HasDepend());
    plan_.warnings = tree_.warnings;
    AddHooks(/*last=*/false);
    AddAfterSingle();
    AddStops();
    AddStarts();
    AddHooks(/*last=*/true);
    TellNewReleases();
    if (final_) AddHandOver();
    return std::move(plan_);
  }

 private:
  /// Whether rc has nothing to do. A change to 0 or 6 is never refused.
  bool Unchanged() const {
    if (!dialect_.same_level_returns || final_ || halts_ || boots_) return false;
    return request_.level == request_.previous ||
           (request_.previous == "1" && request_.level == "S");
  }

  bool InParallel(bool has_depend) const {
    if (settings_.serial || tree_.legacy_order) return false;
    switch (dialect_.serial) {
      case Serial::kNever:
        return true;
      case Serial::kWithoutDepend:
        return settings_.run_parallel && has_depend;
      case Serial::kAlways:
        break;
    }
    return false;
  }

  bool HasDepend() const {
    return (halts_ || !tree_.depend_start.empty) && (boots_ || !tree_.depend_stop.empty);
  }

  /// Adds what a boot would have done before this level, if level S was no boot.
  void AddAfterSingle() {
    if (request_.after_single == AfterSingle::kNothing || plan_.down) return;
    PassSource source{tree_.boot, Action::kStart, tree_.depend_boot};
    source.by_name = dialect_.serial != Serial::kNever && !InParallel(!tree_.depend_boot.empty);
    source.omits_done = false;
    if (request_.after_single == AfterSingle::kDevices) source.only_service = dialect_.after_single;
    AddPass(source);
  }

  void AddStops() {
    const bool old = StopsOldLevel(dialect_, request_.level);
    PassSource source{old ? tree_.previous : tree_.level, Action::kStop, tree_.depend_stop};
    source.by_name = ByName(Action::kStop);
    source.omits_done = !halts_;
    source.ran_before = hook_runner_;
    if (const char* reason = WhyNoStops(); *reason == 0) {
      AddPass(source);
    } else if (!old) {
      OmitAll('K', reason);
    }
  }

  /// Why no K link runs; empty if they do. Levels 0 and 6 always stop. The others stop only when
  /// there is a previous level (sysv-rc 3.06, rc:150), unless lock files tell what runs.
  const char* WhyNoStops() const {
    if (boots_) return request_.level == "S" ? "level S stops nothing" : "a boot stops nothing";
    if (halts_ && request_.after_single == AfterSingle::kBoot) return "the machine has not booted";
    if (plan_.down || dialect_.stops_from_none || request_.previous != "N") return "";
    return "there is no level before";
  }

  void AddStarts() {
    if (halts_) return OmitAll('S', "level halt starts nothing");
    if (final_ && dialect_.stops_s_links) return;
    PassSource source{tree_.level, Action::kStart, tree_.depend_start};
    source.by_name = ByName(Action::kStart);
    AddPass(source);
  }

  bool ByName(Action action) const {
    if (dialect_.serial == Serial::kNever) return false;
    return plan_.serial || (action == Action::kStart &&
                            dialect_.serial_start_levels.find(request_.level) != std::string::npos);
  }

  void OmitAll(char letter, const char* reason) {
    for (const Link& link : tree_.level.links) {
      if (link.letter() == letter) plan_.omitted.push_back({link.name, reason, link.service});
    }
  }

  void AddHooks(bool last) {
    for (const HookFile& hook : dialect_.hooks) {
      if (hook.last != last || !tree_.hooks.contains(std::string(hook.path))) continue;
      if (!Contains(hook.levels, request_.level)) continue;
      if (hook.runner.empty() || !AddRunner(hook.runner)) AddHook(hook);
    }
  }

  /// Adds the service that runs a hook, as a pass of its own. False if it has no link.
  bool AddRunner(std::string_view service) {
    PassSource source{tree_.level, Action::kStop, no_order_};
    source.by_name = ByName(Action::kStop);
    source.only_service = service;
    Plan ignored;  // the pass of all links omits and warns again
    if (FindMembers(input_, source, &ignored).empty()) return false;
    const size_t before = plan_.passes.size();
    const std::vector<Omitted> omitted = plan_.omitted;
    AddPass(source);
    plan_.omitted = omitted;
    if (plan_.passes.size() > before) LimitHook(&plan_.passes.back().scripts[0]);
    hook_runner_ = service;
    return true;
  }

  static void LimitHook(Script* script) { script->limit = script->limit_hard = kHookLimit; }

  void AddHook(const HookFile& hook) {
    Script script;
    script.path = hook.path;
    script.argv0 = script.path;
    script.link = script.service = script.path.substr(script.path.rfind('/') + 1);
    script.action = plan_.down ? Action::kStop : Action::kStart;
    script.shell = hook.by_shell;
    if (script.service == settings_.trace) script.trace = TraceCommand("");
    LimitHook(&script);
    const std::string reason = WhyNever(input_, script.service, script.action);
    if (!reason.empty()) {
      return plan_.omitted.push_back({script.link, reason, script.service});
    }
    plan_.passes.push_back({script.action, {std::move(script)}});
  }

  void AddPass(const PassSource& source) {
    std::vector<Member> members = FindMembers(input_, source, &plan_);
    const std::vector<int> sequence = MakeOrder(input_, source, &plan_, &members);
    std::vector<int> place(members.size());
    for (size_t i = 0; i < sequence.size(); ++i) place[sequence[i]] = static_cast<int>(i);
    Pass pass{source.action, {}, source.depend.path};
    for (int i : sequence) {
      Script& script = pass.scripts.emplace_back(MakeScript(input_, source, members[i], &plan_));
      for (const Dependency& before : members[i].after) {
        script.after.push_back({place[before.script], before.source});
      }
      std::sort(script.after.begin(), script.after.end(),
                [](const Dependency& a, const Dependency& b) { return a.script < b.script; });
    }
    if (!pass.scripts.empty()) plan_.passes.push_back(std::move(pass));
  }

  /// One line for all scripts that count as Debian's own because dpkg says so.
  void TellNewReleases() {
    std::string names;
    for (const Pass& pass : plan_.passes) {
      for (const Script& script : pass.scripts) {
        const auto origin = tree_.origins.find(script.service);
        if (script.kind == ScriptKind::kScript || origin == tree_.origins.end()) continue;
        if (origin->second != ScriptOrigin::kUnmodified) continue;
        names += (names.empty() ? "" : ", ") + script.service;
      }
    }
    if (names.empty()) return;
    plan_.warnings.push_back(names + ": of a release that is not known yet; unmodified, as dpkg " +
                             "records, so native stages take their place");
  }

  void AddHandOver() {
    bool kexec = false;
    for (const Pass& pass : plan_.passes) {
      for (const Script& script : pass.scripts) {
        kexec |= script.service == "kexec" && script.kind == ScriptKind::kHandOver;
      }
    }
    plan_.hand_over = HandOver(request_, settings_, kexec);
    // The halt scripts of the other families are Curfew's own (init.d/halt), or do the work of the
    // stages themselves, SUSE's and Red Hat's in more scripts that they call.
    for (Pass& pass : plan_.passes) {
      if (!dialect_.native_stages) break;
      AddStagesBeforePower(settings_, plan_.level, plan_.hand_over, &pass);
    }
    if (tree_.level.found) return;
    plan_.warnings.push_back(tree_.level.path + ": no such directory; " +
                             (plan_.passes.empty() ? "nothing is stopped, " : "") +
                             plan_.hand_over[0] + " follows");
  }

  const Dialect& dialect_;
  const Request& request_;
  const Settings& settings_;
  const Tree& tree_;
  const PlanInput& input_;
  const bool final_;  ///< level 0 or 6
  const bool boots_;  ///< the dialect's boot level
  const bool halts_;  ///< the dialect's halt level
  const Depend no_order_;
  std::string_view hook_runner_;  ///< the service that has run in place of a hook
  Plan plan_;
};

}  // namespace

const char* ActionWord(Action action) {
  return action == Action::kStart ? "start" : "stop";
}

Plan MakePlan(const Request& request, const Settings& settings, const Tree& tree) {
  const PlanInput input{DialectOf(settings.layout), request, settings, tree};
  return Planner(input).Make();
}

}  // namespace curfew
