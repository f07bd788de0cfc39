// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/plan.h"

#include <algorithm>

#include "plan/compare.h"
#include "plan/early_unmount.h"
#include "plan/input.h"
#include "plan/member.h"
#include "plan/native.h"
#include "plan/order.h"

namespace curfew {
namespace {

/// A hook holds the run up no longer than this.
constexpr std::chrono::seconds kHookLimit{60};

class Planner {
 public:
  explicit Planner(const Input& input)
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
    if (final_) AddHandOver();
    return std::move(plan_);
  }

 private:
  /// Level 0 and 6 are never refused.
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
    if (boots_) return !tree_.depend_boot.text.empty();
    if (halts_) return !tree_.depend_halt.text.empty();
    return !tree_.depend_start.text.empty() && !tree_.depend_stop.text.empty();
  }

  /// What a boot would have done before this level, if level S was no boot.
  void AddAfterSingle() {
    if (request_.after_single == AfterSingle::kNothing || plan_.down) return;
    Source source{tree_.boot, Action::kStart, tree_.depend_boot};
    source.by_name =
        dialect_.serial != Serial::kNever && !InParallel(!tree_.depend_boot.text.empty());
    source.compares = false;
    if (request_.after_single == AfterSingle::kDevices) source.only = dialect_.after_single;
    AddPass(source);
  }

  void AddStops() {
    const bool old = StopsOldLevel(dialect_, request_.level);
    Source source{old ? tree_.previous : tree_.level, Action::kStop,
                  halts_ ? tree_.depend_halt : tree_.depend_stop};
    source.by_name = ByName(Action::kStop);
    source.compares = !halts_;
    source.apart = first_;
    if (const char* reason = WhyNoStops(); *reason == 0) {
      AddPass(source);
    } else if (!old) {
      LeaveOut('K', reason);
    }
  }

  /// Why no K link runs; empty if they do. Levels 1 to 5 stop something only when a level is left
  /// (rc:150), unless lock files know better; 0 and 6 always do.
  const char* WhyNoStops() const {
    if (boots_) return request_.level == "S" ? "level S stops nothing" : "a boot stops nothing";
    if (halts_ && request_.after_single == AfterSingle::kBoot) return "the machine has not booted";
    if (plan_.down || dialect_.stops_from_none || request_.previous != "N") return "";
    return "no level is left";
  }

  void AddStarts() {
    if (halts_) return LeaveOut('S', "level halt starts nothing");
    if (final_ && dialect_.stops_s_links) return;
    Source source{tree_.level, Action::kStart, boots_ ? tree_.depend_boot : tree_.depend_start};
    source.by_name = ByName(Action::kStart);
    AddPass(source);
  }

  bool ByName(Action action) const {
    if (dialect_.serial == Serial::kNever) return false;
    return plan_.serial || (action == Action::kStart &&
                            dialect_.serial_starts.find(request_.level) != std::string::npos);
  }

  void LeaveOut(char letter, const char* reason) {
    for (const Link& link : tree_.level.links) {
      if (link.name[0] == letter) plan_.left_out.push_back({link.name, reason});
    }
  }

  void AddHooks(bool last) {
    for (const HookFile& hook : dialect_.hooks) {
      const auto& levels = hook.levels;
      if (hook.last != last || !tree_.hooks.contains(std::string(hook.path))) continue;
      if (std::find(levels.begin(), levels.end(), request_.level) == levels.end()) continue;
      if (hook.runner.empty() || !AddRunner(hook.runner)) AddHook(hook);
    }
  }

  /// The service that runs a hook, as a pass of its own; false if it is not linked.
  bool AddRunner(std::string_view service) {
    Source source{tree_.level, Action::kStop, no_order_};
    source.by_name = true;
    source.only = service;
    Plan notes;  // the pass of all links says it again
    if (FindMembers(input_, source, &notes).empty()) return false;
    const size_t before = plan_.passes.size();
    const std::vector<LeftOut> left_out = plan_.left_out;
    AddPass(source);
    plan_.left_out = left_out;
    if (plan_.passes.size() > before) LimitHook(&plan_.passes.back().scripts[0]);
    first_ = service;
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
    script.trace = script.service == settings_.trace;
    LimitHook(&script);
    const std::string reason = WhyNever(input_, script.service);
    if (!reason.empty()) return plan_.left_out.push_back({script.link, reason});
    plan_.passes.push_back({script.action, {std::move(script)}});
  }

  void AddPass(const Source& source) {
    const std::vector<Member> members = FindMembers(input_, source, &plan_);
    const Order order = MakeOrder(source, members, tree_, &plan_);
    std::vector<int> place(members.size());
    for (size_t i = 0; i < order.sequence.size(); ++i) place[order.sequence[i]] = i;
    Pass pass{source.action, {}};
    for (int i : order.sequence) {
      Script script = MakeScript(members[i], source);
      script.interactive |= order.interactive[i] || EndsProcesses(script);
      Limit(&script);
      script.importance = order.importance[i];
      for (int before : order.after[i]) script.after.push_back(place[before]);
      std::sort(script.after.begin(), script.after.end());
      pass.scripts.push_back(std::move(script));
    }
    if (final_ && source.action == Action::kStop && Native("early-unmount-network"))
      AddEarlyUnmount(dialect_.killers, &pass);
    if (!pass.scripts.empty()) plan_.passes.push_back(std::move(pass));
  }

  /// Starts may take for ever, but on the way down. What has the console waits for a person, ends
  /// the machine, or processes: only its whole time counts.
  void Limit(Script* script) const {
    if (script->kind != ScriptKind::kScript || (script->action == Action::kStart && !plan_.down))
      return;
    const ServiceLimit limit = LimitOf(settings_, script->service);
    if (!script->interactive) script->limit = limit.quiet;
    script->limit_hard = limit.hard;
  }

  Script MakeScript(const Member& member, const Source& source) {
    Script script;
    script.service = member.service;
    script.link = member.link->name;
    script.argv0 = source.directory.path + "/" + script.link;
    // As stock rc: startpar runs the script itself, the serial loop the link (rc:120).
    const bool direct = !plan_.serial && !source.by_name && LeadsToScript(member, source);
    script.path = direct ? std::string(dialect_.init_d) + "/" + script.service : script.argv0;
    script.action = source.action;
    // What ends the machine does not come back, as if rc had become it.
    script.interactive = source.action == Action::kStart && member.rank == Rank::kPower;
    script.shell = !member.link->executable && dialect_.unusable != Unusable::kTried;
    script.trace = script.service == settings_.trace;
    if (!dialect_.native_stages || script.trace) return script;
    if (const NativeStage* stage = FindNativeStage(script.service, plan_.level)) {
      Replace(*stage, &script);
    }
    return script;
  }

  bool EndsProcesses(const Script& script) const {
    const auto& names = dialect_.killers;
    return script.kind == ScriptKind::kScript &&
           std::find(names.begin(), names.end(), script.service) != names.end();
  }

  /// Whether the link's target is init.d/SERVICE: a copy elsewhere runs where it is.
  bool LeadsToScript(const Member& member, const Source& source) const {
    std::string target = member.link->target;
    if (target.starts_with("../")) {
      const std::string& directory = source.directory.path;
      target.replace(0, 2, directory.substr(0, directory.rfind('/')));
    }
    return target == std::string(dialect_.init_d) + "/" + member.service;
  }

  /// NATIVE
  bool Native(std::string_view service) const {
    const std::vector<std::string>& names = settings_.native;
    return settings_.native_all || std::find(names.begin(), names.end(), service) != names.end();
  }

  void Replace(const NativeStage& stage, Script* script) {
    if (!Native(script->service)) return;
    auto md5 = tree_.md5.find(script->service);
    const bool stock = md5 != tree_.md5.end() && std::find(stage.md5.begin(), stage.md5.end(),
                                                           md5->second) != stage.md5.end();
    if (!stock) {
      plan_.warnings.push_back(script->path + ": not Debian's own version; " +
                               (stage.kind == ScriptKind::kHandOver
                                    ? "it runs last, before the hand-over"
                                    : "it runs, not stage " + std::string(stage.stages)));
      return;
    }
    script->kind = stage.kind;
    script->stages = stage.stages;
    kexec_ = kexec_ || (script->service == "kexec" && plan_.level == "6");
  }

  void AddHandOver() {
    plan_.hand_over = HandOver(request_, settings_, kexec_);
    if (tree_.level.found) return;
    plan_.warnings.push_back(tree_.level.path + ": no such directory; " +
                             (plan_.passes.empty() ? "nothing is stopped, " : "") +
                             plan_.hand_over[0] + " follows");
  }

  const Dialect& dialect_;
  const Request& request_;
  const Settings& settings_;
  const Tree& tree_;
  const Input& input_;
  const bool final_;  ///< level 0 or 6
  const bool boots_;
  const bool halts_;
  const TextFile no_order_;
  std::string_view first_;  ///< the service that a hook's place is given to
  bool kexec_ = false;
  Plan plan_;
};

}  // namespace

const char* ActionWord(Action action) {
  return action == Action::kStart ? "start" : "stop";
}

Plan MakePlan(const Request& request, const Settings& settings, const Tree& tree) {
  const Input input{DialectOf(settings.layout), request, settings, tree};
  return Planner(input).Make();
}

}  // namespace curfew
