// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/order.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "plan/early_unmount.h"
#include "plan/graph.h"
#include "plan/header_order.h"
#include "plan/native.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Debian's services that end processes and file systems, in their order (initscripts 3.06).
constexpr std::string_view kEnds[] = {"sendsigs", "umountfs", "umountroot"};

/// Makes the edges between the members of one pass.
class EdgeMaker {
 public:
  EdgeMaker(const PassSource& source, const Tree& tree, Plan* plan, std::vector<Member>* members)
      : source_(source), tree_(tree), plan_(plan), members_(*members) {
    for (const Member& member : members_) Node(member.service());
  }

  /// What each member waits for: only members that will run.
  Predecessors Make() {
    const Depend& depend = source_.depend;
    AddDepend(depend);
    AddHeaders(depend.Usable());
    std::erase_if(edges_,
                  [this](const Edge& edge) { return RankOf(edge.before) > RankOf(edge.after); });
    const int nodes = static_cast<int>(names_.size());
    Report(BreakCycles(nodes, &edges_), depend.Usable() ? depend.path : source_.directory.path);

    after_ = PredecessorsOf(nodes, edges_);
    std::vector<bool> kept(nodes);
    for (size_t i = 0; i < members_.size(); ++i) kept[i] = members_[i].will_run;
    Contract(kept, &after_);
    after_.resize(members_.size());
    if (tree_.legacy_order) KeepEqualNumbers();
    if (!tree_.legacy_order && IsFinal(plan_->level)) AddEnds();
    AddRanks();
    return std::move(after_);
  }

 private:
  /// The node of a service. Services without a link get nodes behind those of the members.
  int Node(const std::string& service) {
    const auto [it, is_new] = nodes_.try_emplace(service, names_.size());
    if (is_new) names_.push_back(service);
    return it->second;
  }

  bool IsMember(int node) const { return node < static_cast<int>(members_.size()); }
  Rank RankOf(int node) const { return IsMember(node) ? members_[node].rank : Rank::kService; }

  void AddDepend(const Depend& depend) {
    auto find = [this](const std::string& service) {
      const int node = Node(service);
      if (IsMember(node)) members_[node].in_depend = true;
      return node;
    };
    for (const std::string& target : depend.targets) find(target);
    for (const DependRule& rule : depend.rules) {
      const int after = find(rule.name);
      for (const std::string& dep : rule.deps) {
        const int before = find(dep);
        edges_.push_back({before, after, DependStrength(before, after)});
      }
    }
    for (const std::string& service : depend.interactive) {
      const int node = find(service);
      if (IsMember(node)) members_[node].interactive = true;
    }
  }

  Strength DependStrength(int before, int after) const {
    if (!IsMember(before) || !IsMember(after)) return kRequired;
    return members_[before].Position() > members_[after].Position() ? kByNumber : kRequired;
  }

  void AddHeaders(bool depend_usable) {
    if (std::all_of(members_.begin(), members_.end(), [](const Member& m) { return m.in_depend; }))
      return;
    const Facilities facilities = ParseFacilities(tree_.facilities, &plan_->warnings);
    for (Member& member : members_) {
      auto text = tree_.headers.find(member.service());
      if (text != tree_.headers.end()) member.header = ParseHeader(text->second);
      if (!member.in_depend && source_.action == Action::kStart) {
        member.interactive = member.header.interactive || IsInteractive(facilities, member);
      }
    }
    AddHeaderEdges(source_.action, members_, facilities, !depend_usable && !tree_.legacy_order,
                   &edges_);
  }

  /// insserv.conf lists the names that scripts provide.
  static bool IsInteractive(const Facilities& facilities, const Member& member) {
    auto it = facilities.find("<interactive>");
    if (it == facilities.end()) return false;
    const std::vector<std::string>& provides = member.header.provides;
    return std::any_of(it->second.begin(), it->second.end(), [&](const std::string& name) {
      return name == member.service() || Contains(provides, name);
    });
  }

  void Report(const BrokenCycles& broken, const std::string& file) {
    static constexpr size_t kMostNames = 12;
    for (const std::vector<Edge>& cycle : broken.cycles) {
      std::string text = file + ": cycle: " + names_[cycle[0].before];
      for (size_t i = 0; i + 1 < cycle.size() && i < kMostNames; ++i) {
        text += " -> " + names_[cycle[i].after];
      }
      if (cycle.size() > kMostNames + 1) text += " -> ...";
      plan_->warnings.push_back(text + " -> " + names_[cycle[0].before] + "; " +
                                names_[cycle[0].after] + " does not wait for " +
                                names_[cycle[0].before]);
    }
    if (broken.more > 0) {
      plan_->warnings.push_back(file + ": " + std::to_string(broken.more) +
                                " more edges close cycles; they are ignored");
    }
  }

  /// .legacy-bootordering: link numbers order; headers only decide between equal ones.
  void KeepEqualNumbers() {
    for (size_t i = 0; i < members_.size(); ++i) {
      std::erase_if(after_[i], [&](int before) {
        return members_[before].Position() != members_[i].Position();
      });
    }
  }

  /// Only services whose header names $local_fs or $remote_fs have an edge to the ends. A service
  /// without one would be killed while it stops, or find / read-only. Therefore each end waits for
  /// all members that do not wait for it.
  void AddEnds() {
    for (const std::string_view service : kEnds) {
      const auto end = nodes_.find(std::string(service));
      if (end == nodes_.end() || !IsMember(end->second)) continue;
      std::vector<bool> earlier = WaitingFor(end->second);
      for (size_t i = 0; i < members_.size(); ++i) {
        earlier[i] = !earlier[i] && members_[i].will_run && members_[i].rank == Rank::kService;
      }
      after_[end->second] = LastOf(earlier, after_);
    }
  }

  /// The members that wait for `node`, directly or not, and `node`.
  std::vector<bool> WaitingFor(int node) const {
    std::vector<std::vector<int>> next(members_.size());
    for (size_t i = 0; i < members_.size(); ++i) {
      for (int before : after_[i]) next[before].push_back(static_cast<int>(i));
    }
    return Reached(next, node);
  }

  /// Each member of a rank waits for all members of the lower ranks.
  void AddRanks() {
    for (Rank rank : {Rank::kStopByS, Rank::kKexec, Rank::kPower}) {
      std::vector<bool> lower(members_.size());
      for (size_t i = 0; i < members_.size(); ++i) {
        lower[i] = members_[i].will_run && members_[i].rank < rank;
      }
      const std::vector<int> last = LastOf(lower, after_);
      for (size_t i = 0; i < members_.size(); ++i) {
        if (members_[i].rank != rank || !members_[i].will_run) continue;
        std::vector<int>& after = after_[i];
        after.insert(after.end(), last.begin(), last.end());
        std::sort(after.begin(), after.end());
        after.erase(std::unique(after.begin(), after.end()), after.end());
      }
    }
  }

  const PassSource& source_;
  const Tree& tree_;
  Plan* plan_;
  std::vector<Member>& members_;
  std::unordered_map<std::string, int> nodes_;
  std::vector<std::string> names_;
  std::vector<Edge> edges_;
  Predecessors after_;
};

/// Each member waits for the one before it. .depend only tells which scripts need the console.
Predecessors ChainByName(const Depend& depend, std::vector<Member>* members) {
  Predecessors after(members->size());
  int last = -1;
  for (size_t i = 0; i < members->size(); ++i) {
    Member& member = (*members)[i];
    member.interactive = Contains(depend.interactive, member.service());
    if (!member.will_run) continue;
    if (last >= 0) after[i] = {last};
    last = static_cast<int>(i);
  }
  return after;
}

/// The members that will run, in the order in which they start when one runs at a time: among ready
/// members by number (.legacy-bootordering) or by importance.
std::vector<int> MakeSequence(bool by_number, const Predecessors& after,
                              const std::vector<Member>& members) {
  std::vector<int> by_key(members.size());
  std::iota(by_key.begin(), by_key.end(), 0);
  std::stable_sort(by_key.begin(), by_key.end(), [&](int a, int b) {
    return by_number ? members[a].Position() < members[b].Position()
                     : members[a].importance > members[b].importance;
  });
  std::vector<int> key(members.size());
  for (size_t i = 0; i < by_key.size(); ++i) key[by_key[i]] = static_cast<int>(i);
  std::vector<int> sequence = Sequence(after, key);
  std::erase_if(sequence, [&](int i) { return !members[i].will_run; });
  return sequence;
}

}  // namespace

std::vector<int> MakeOrder(const PlanInput& input, const PassSource& source, Plan* plan,
                           std::vector<Member>* members) {
  const std::vector<std::string>& warnings = source.depend.warnings;
  plan->warnings.insert(plan->warnings.end(), warnings.begin(), warnings.end());
  Predecessors after = source.by_name ? ChainByName(source.depend, members)
                                      : EdgeMaker(source, input.tree, plan, members).Make();
  if (!plan->serial && !source.by_name) {
    const std::vector<int> lengths = ChainLengths(after);
    for (size_t i = 0; i < members->size(); ++i) (*members)[i].importance = lengths[i];
  }
  if (source.action == Action::kStop && IsFinal(plan->level) &&
      IsNative(input.settings, kEarlyUnmount)) {
    AddEarlyUnmount(input.dialect.killers, members, &after);
  }
  const std::vector<int> sequence = MakeSequence(input.tree.legacy_order, after, *members);
  for (size_t i = 0; i < members->size(); ++i) (*members)[i].after = std::move(after[i]);
  return sequence;
}

}  // namespace curfew
