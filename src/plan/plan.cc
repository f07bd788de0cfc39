// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/plan.h"

#include <algorithm>

#include "plan/member.h"
#include "plan/native.h"
#include "plan/order.h"
#include "plan/tree.h"

namespace curfew {
namespace {

class Planner {
 public:
  Planner(const Request& request, const Settings& settings, const Tree& tree)
      : request_(request), settings_(settings), tree_(tree) {}

  Plan Make() {
    plan_.level = request_.level;
    plan_.previous = request_.previous;
    plan_.serial = settings_.serial || tree_.legacy_order;
    plan_.warnings = tree_.warnings;
    const bool down = request_.level == "0" || request_.level == "6";
    if (down) {
      AddPass(Action::kStop);
      plan_.hand_over = HandOver(request_, settings_, kexec_);
    } else {
      AddStopPass();
      AddPass(Action::kStart);
    }
    if (down && !tree_.has_level) {
      plan_.warnings.push_back(tree_.level_dir + ": no such directory; nothing is stopped, " +
                               plan_.hand_over[0] + " follows");
    }
    return std::move(plan_);
  }

 private:
  /// Levels 1 to 5 stop something only when a level is left (rc:150); level S never does.
  void AddStopPass() {
    if (request_.level != "S" && request_.previous != "N") return AddPass(Action::kStop);
    for (const Link& link : tree_.links) {
      if (link.name[0] != 'K') continue;
      plan_.left_out.push_back(
          {link.name, request_.level == "S" ? "level S stops nothing" : "no level is left"});
    }
  }

  void AddPass(Action action) {
    const std::vector<Member> members = FindMembers(request_, tree_, action, &plan_);
    const Order order = MakeOrder(action, members, tree_, &plan_);
    std::vector<int> place(members.size());
    for (size_t i = 0; i < order.sequence.size(); ++i) place[order.sequence[i]] = i;
    Pass pass{action, {}};
    for (int i : order.sequence) {
      Script script = MakeScript(members[i], action);
      script.interactive = order.interactive[i];
      script.importance = order.importance[i];
      for (int before : order.after[i]) script.after.push_back(place[before]);
      std::sort(script.after.begin(), script.after.end());
      pass.scripts.push_back(std::move(script));
    }
    if (!pass.scripts.empty()) plan_.passes.push_back(std::move(pass));
  }

  Script MakeScript(const Member& member, Action action) {
    Script script;
    script.service = member.service;
    script.link = member.link->name;
    script.argv0 = tree_.level_dir + "/" + script.link;
    // As stock rc: startpar runs the script itself, the serial loop the link (rc:120).
    const bool direct = !plan_.serial && LeadsToScript(member);
    script.path = direct ? "/etc/init.d/" + script.service : script.argv0;
    script.action = action;
    if (const NativeStage* stage = FindNativeStage(script.service, plan_.level)) {
      Replace(*stage, &script);
    }
    return script;
  }

  /// Whether the link's target is init.d/SERVICE: a copy elsewhere runs where it is.
  static bool LeadsToScript(const Member& member) {
    const std::string& target = member.link->target;
    return target == "../init.d/" + member.service || target == "/etc/init.d/" + member.service;
  }

  void Replace(const NativeStage& stage, Script* script) {
    const std::vector<std::string>& names = settings_.native;
    const bool wanted = settings_.native_all ||
                        std::find(names.begin(), names.end(), script->service) != names.end();
    if (!wanted) return;
    auto md5 = tree_.md5.find(script->service);
    const bool stock = md5 != tree_.md5.end() && std::find(stage.md5.begin(), stage.md5.end(),
                                                           md5->second) != stage.md5.end();
    if (!stock) {
      plan_.warnings.push_back(script->path + ": not Debian's own version; " +
                               (stage.runs == Runs::kHandOver
                                    ? "it runs last, before the hand-over"
                                    : "it runs, not stage " + std::string(stage.stages)));
      return;
    }
    script->runs = stage.runs;
    script->stages = stage.stages;
    kexec_ = kexec_ || (script->service == "kexec" && plan_.level == "6");
  }

  const Request& request_;
  const Settings& settings_;
  const Tree& tree_;
  bool kexec_ = false;
  Plan plan_;
};

}  // namespace

const char* ActionWord(Action action) {
  return action == Action::kStart ? "start" : "stop";
}

Plan MakePlan(const Request& request, const Settings& settings, const Tree& tree) {
  return Planner(request, settings, tree).Make();
}

}  // namespace curfew
