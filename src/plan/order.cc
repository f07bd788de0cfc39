// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/order.h"

#include <algorithm>
#include <functional>
#include <list>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "plan/early_unmount.h"
#include "plan/edge_sources.h"
#include "plan/ends.h"
#include "plan/graph.h"
#include "plan/header_order.h"
#include "plan/native.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Makes the edges between the members of one pass.
class EdgeMaker {
 public:
  EdgeMaker(const PassSource& source, const Tree& tree, Plan* plan, std::vector<Member>* members,
            std::vector<Edge>* edges)
      : source_(source), tree_(tree), plan_(plan), members_(*members), edges_(*edges) {
    PlaceMembers(IsFinal(plan->level) && source.action == Action::kStop, tree.legacy_order,
                 source.directory.path, members, &plan->warnings);
    for (const Member& member : members_) Node(member.service());
  }

  /// What each member waits for: only members that will run. `edges` is then what files, headers
  /// and numbers say.
  Predecessors Make() {
    const Depend& depend = source_.depend;
    AddEnds();
    AddDepend(depend);
    AddHeaders(depend.Usable());
    if (tree_.legacy_order) {
      KeepEqualNumbers();
    } else {
      AddNumbersOfEnds();
    }
    std::erase_if(edges_, [this](const Edge& edge) { return RanksContradict(edge); });
    const int nodes = static_cast<int>(names_.size());
    Report(BreakCycles(nodes, &edges_), depend.Usable() ? depend.path : source_.directory.path);

    after_ = PredecessorsOf(nodes, edges_);
    std::vector<bool> kept(nodes);
    for (size_t i = 0; i < members_.size(); ++i) kept[i] = members_[i].will_run;
    Contract(kept, &after_);
    after_.resize(members_.size());
    if (tree_.legacy_order) return Chain();
    for (const int end : Ends()) AddAllBefore(end);
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
  bool IsEnd(int node) const { return IsMember(node) && members_[node].end != End::kNone; }

  /// A lower rank never waits for a higher one, but an end that runs may be a K or an S link.
  bool RanksContradict(const Edge& edge) const {
    if (RankOf(edge.before) <= RankOf(edge.after)) return false;
    auto runs = [this](int node) { return IsEnd(node) && members_[node].will_run; };
    return RankOf(edge.before) > Rank::kStopByS || (!runs(edge.before) && !runs(edge.after));
  }

  /// The members that are ends, in the order in which they run.
  std::vector<int> Ends() const {
    std::vector<int> ends;
    for (const int i : ByPosition(members_)) {
      if (IsEnd(i)) ends.push_back(i);
    }
    return ends;
  }

  /// One chain, at the head of edges_: BreakCycles() keeps it.
  void AddEnds() {
    const std::vector<int> ends = Ends();
    for (size_t i = 1; i < ends.size(); ++i) {
      edges_.push_back({ends[i - 1], ends[i], kRule, EdgeSource::kEnd});
    }
  }

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
    return members_[before].position > members_[after].position ? kByNumber : kRequired;
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
    std::vector<Edge> edges;
    const bool by_number = !depend_usable && !tree_.legacy_order;
    std::list<Link> links;
    const std::vector<Member> all = by_number ? WithUnlinked(&links) : members_;
    AddHeaderEdges(source_.action, all, facilities, by_number, &edges);
    for (Edge& edge : edges) {
      for (int* node : {&edge.before, &edge.after})
        if (!IsMember(*node)) *node = Node(all[*node].service());
    }
    // The ends have their rule. Where they are S links, nothing but numbers has ever ordered the S
    // links around them.
    std::erase_if(edges, [this](const Edge& edge) {
      return IsMember(edge.before) && IsMember(edge.after) &&
             ((IsEnd(edge.before) && IsEnd(edge.after)) ||
              EndsContradict(members_, edge.before, edge.after));
    });
    edges_.insert(edges_.end(), edges.begin(), edges.end());
  }

  /// The members, and behind them the scripts that have a header and no link, whose links are made
  /// up in `links`.
  std::vector<Member> WithUnlinked(std::list<Link>* links) const {
    std::vector<Member> all = members_;
    for (const auto& [service, text] : tree_.unlinked) {
      if (nodes_.contains(service)) continue;
      Member member;
      member.header = ParseHeader(text);
      if (!member.header.found) continue;
      links->push_back({.name = service, .service = service});
      member.link = &links->back();
      member.has_link = member.will_run = false;
      all.push_back(std::move(member));
    }
    return all;
  }

  /// S links behind an end that is one, too. Those before it need no edge: it waits for all that
  /// does not wait for it.
  void AddNumbersOfEnds() {
    for (const int end : Ends()) {
      for (size_t i = 0; i < members_.size(); ++i) {
        const Member& member = members_[i];
        if (member.rank != Rank::kStopByS || IsEnd(i)) continue;
        if (IsPlacedByS(members_[end]) && member.position > members_[end].position) {
          edges_.push_back({end, static_cast<int>(i), kByNumber, EdgeSource::kNumber});
        }
      }
    }
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
    std::erase_if(edges_, [this](const Edge& edge) {
      if (edge.strength == kRule) return false;
      return !IsMember(edge.before) || !IsMember(edge.after) ||
             (IsEnd(edge.before) && IsEnd(edge.after)) ||
             members_[edge.before].position != members_[edge.after].position;
    });
  }

  /// .legacy-bootordering: each member waits for the one before it.
  Predecessors Chain() {
    std::vector<int> key(members_.size());
    const std::vector<int> order = ByPosition(members_);
    for (size_t i = 0; i < order.size(); ++i) key[order[i]] = static_cast<int>(i);
    Predecessors chain(members_.size());
    int last = -1;
    for (const int i : Sequence(after_, key)) {
      if (!members_[i].will_run) continue;
      if (last >= 0) {
        chain[i] = {last};
        edges_.push_back({last, i, kByNumber, EdgeSource::kNumber});
      }
      last = i;
    }
    return chain;
  }

  /// Only services whose header names $local_fs or $remote_fs have an edge to the ends. A service
  /// without one would be killed while it stops, or find / read-only. Therefore each end waits for
  /// all members that do not wait for it.
  void AddAllBefore(int end) {
    if (!members_[end].will_run) return;
    std::vector<bool> earlier = WaitingFor(end);
    for (size_t i = 0; i < members_.size(); ++i) {
      earlier[i] = !earlier[i] && members_[i].will_run && members_[i].rank <= Rank::kStopByS;
    }
    after_[end] = LastOf(earlier, after_);
  }

  /// The members that wait for `node`, directly or not, and `node`.
  std::vector<bool> WaitingFor(int node) const {
    std::vector<std::vector<int>> next(members_.size());
    for (size_t i = 0; i < members_.size(); ++i) {
      for (int before : after_[i]) next[before].push_back(static_cast<int>(i));
    }
    return Reached(next, node);
  }

  /// Each member of a rank waits for all members of the lower ranks that do not wait for it.
  void AddRanks() {
    const std::vector<int> passed = EndsPassed();
    for (int ends = 0; ends <= static_cast<int>(Ends().size()); ++ends) {
      AddRank([&](int i) { return members_[i].rank == Rank::kStopByS && passed[i] == ends; },
              [&](int i) { return members_[i].rank < Rank::kStopByS && passed[i] <= ends; });
    }
    for (const Rank rank : {Rank::kKexec, Rank::kPower}) {
      AddRank([&](int i) { return members_[i].rank == rank; },
              [&](int i) { return members_[i].rank < rank; });
    }
  }

  /// For each member how many ends run before it, itself included. An S link waits for a K link
  /// only if no end stands between the two.
  std::vector<int> EndsPassed() const {
    std::vector<int> passed(members_.size());
    for (const int end : Ends()) {
      const std::vector<bool> waiting = WaitingFor(end);
      for (size_t i = 0; i < members_.size(); ++i) passed[i] += waiting[i];
    }
    return passed;
  }

  /// Lets each running member that is `upper` wait for all those that are `lower`; ends have their
  /// edges already.
  void AddRank(const std::function<bool(int)>& upper, const std::function<bool(int)>& lower) {
    std::vector<bool> before(members_.size());
    for (size_t i = 0; i < members_.size(); ++i) before[i] = members_[i].will_run && lower(i);
    const std::vector<int> last = LastOf(before, after_);
    for (size_t i = 0; i < members_.size(); ++i) {
      if (!upper(i) || !members_[i].will_run || IsEnd(i)) continue;
      std::vector<int>& after = after_[i];
      after.insert(after.end(), last.begin(), last.end());
      std::sort(after.begin(), after.end());
      after.erase(std::unique(after.begin(), after.end()), after.end());
    }
  }

  const PassSource& source_;
  const Tree& tree_;
  Plan* plan_;
  std::vector<Member>& members_;
  std::unordered_map<std::string, int> nodes_;
  std::vector<std::string> names_;
  std::vector<Edge>& edges_;
  Predecessors after_;
};

/// Each member waits for the one before it. .depend only tells which scripts need the console.
Predecessors ChainByName(const Depend& depend, std::vector<Member>* members,
                         std::vector<Edge>* edges) {
  Predecessors after(members->size());
  int last = -1;
  for (size_t i = 0; i < members->size(); ++i) {
    Member& member = (*members)[i];
    member.interactive = Contains(depend.interactive, member.service());
    if (!member.will_run) continue;
    const int node = static_cast<int>(i);
    if (last >= 0) {
      after[i] = {last};
      edges->push_back({last, node, kRule, EdgeSource::kOneByOne});
    }
    last = node;
  }
  return after;
}

/// The members that will run, in the order in which they start when one runs at a time: the most
/// important of the ready ones first.
std::vector<int> MakeSequence(const Predecessors& after, const std::vector<Member>& members) {
  std::vector<int> key;
  for (const Member& member : members) key.push_back(-member.importance);
  std::vector<int> sequence = Sequence(after, key);
  std::erase_if(sequence, [&](int i) { return !members[i].will_run; });
  return sequence;
}

}  // namespace

std::vector<int> MakeOrder(const PlanInput& input, const PassSource& source, Plan* plan,
                           std::vector<Member>* members) {
  const std::vector<std::string>& warnings = source.depend.warnings;
  plan->warnings.insert(plan->warnings.end(), warnings.begin(), warnings.end());
  std::vector<Edge> edges;
  Predecessors after = source.by_name ? ChainByName(source.depend, members, &edges)
                                      : EdgeMaker(source, input.tree, plan, members, &edges).Make();
  if (!plan->serial && !source.by_name) {
    const std::vector<int> lengths = ChainLengths(after);
    for (size_t i = 0; i < members->size(); ++i) (*members)[i].importance = lengths[i];
  }
  if (source.action == Action::kStop && IsFinal(plan->level) &&
      IsNative(input.settings, kEarlyUnmount)) {
    AddEarlyUnmount(input.dialect.killers, NetworkCarriers(input.tree, *members),
                    input.tree.network_mounts, members, &after);
  }
  const std::vector<int> sequence = MakeSequence(after, *members);
  const EdgeSources sources(std::move(edges), *members);
  for (size_t i = 0; i < members->size(); ++i) {
    const int node = static_cast<int>(i);
    for (const int before : after[i]) {
      (*members)[i].after.push_back({before, sources.Of(before, node)});
    }
  }
  return sequence;
}

}  // namespace curfew
