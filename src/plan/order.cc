// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/order.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "plan/depend.h"
#include "plan/graph.h"
#include "plan/header_order.h"
#include "plan/importance.h"

namespace curfew {
namespace {

/// What ends processes and file systems (Debian's initscripts), in their order.
constexpr std::string_view kEnds[] = {"sendsigs", "umountfs", "umountroot"};

int64_t Position(const Member& member) {
  return (static_cast<int64_t>(member.rank) << 32) + member.number;
}

class OrderMaker {
 public:
  OrderMaker(const Source& source, const std::vector<Member>& members, const Tree& tree, Plan* plan)
      : source_(source), members_(members), tree_(tree), plan_(plan) {
    for (size_t i = 0; i < members.size(); ++i) Node(members[i].service);
  }

  Order Make() {
    const TextFile& file = source_.depend;
    const Depend depend = ParseDepend(file, &plan_->warnings);
    order_.interactive.resize(members_.size());
    AddDepend(depend);
    AddHeaders(depend.Usable());
    std::erase_if(edges_,
                  [this](const Edge& edge) { return RankOf(edge.before) > RankOf(edge.after); });
    const int nodes = names_.size();
    Report(BreakCycles(nodes, &edges_), depend.Usable() ? file.path : source_.directory.path);

    order_.after = Predecessors(nodes, edges_);
    std::vector<bool> kept(nodes);
    for (size_t i = 0; i < members_.size(); ++i) kept[i] = members_[i].runs;
    Contract(kept, &order_.after);
    order_.after.resize(members_.size());
    if (tree_.legacy_order) KeepEqualNumbers();
    if (!tree_.legacy_order && IsFinal(plan_->level)) AddEnds();
    AddRanks();
    Line();
    return std::move(order_);
  }

 private:
  /// The node of a service; services without a link get numbers behind the members'.
  int Node(const std::string& service) {
    const auto [it, is_new] = nodes_.try_emplace(service, names_.size());
    if (is_new) names_.push_back(service);
    return it->second;
  }

  bool IsMember(int node) const { return node < static_cast<int>(members_.size()); }
  Rank RankOf(int node) const { return IsMember(node) ? members_[node].rank : Rank::kService; }

  void AddDepend(const Depend& depend) {
    listed_.resize(members_.size());
    auto list = [this](const std::string& service) {
      const int node = Node(service);
      if (IsMember(node)) listed_[node] = true;
      return node;
    };
    for (const std::string& target : depend.targets) list(target);
    for (const DependRule& rule : depend.rules) {
      const int after = list(rule.name);
      for (const std::string& dep : rule.deps) {
        const int before = list(dep);
        edges_.push_back({before, after, DependStrength(before, after)});
      }
    }
    for (const std::string& service : depend.interactive) {
      const int node = list(service);
      if (IsMember(node)) order_.interactive[node] = true;
    }
  }

  Strength DependStrength(int before, int after) const {
    if (!IsMember(before) || !IsMember(after)) return kRequired;
    return Position(members_[before]) > Position(members_[after]) ? kByNumber : kRequired;
  }

  void AddHeaders(bool depend_usable) {
    if (std::find(listed_.begin(), listed_.end(), false) == listed_.end()) return;
    const Facilities facilities = ParseFacilities(tree_.facilities, &plan_->warnings);
    std::vector<HeaderNode> nodes;
    for (size_t i = 0; i < members_.size(); ++i) {
      const Member& member = members_[i];
      auto text = tree_.headers.find(member.service);
      Header header = text == tree_.headers.end() ? Header() : ParseHeader(text->second);
      if (!listed_[i] && source_.action == Action::kStart) {
        order_.interactive[i] =
            header.interactive || IsInteractive(facilities, member.service, header.provides);
      }
      nodes.push_back({member.service, std::move(header), Position(member), listed_[i]});
    }
    AddHeaderEdges(source_.action, nodes, facilities, !depend_usable && !tree_.legacy_order,
                   &edges_);
  }

  /// insserv.conf's list has the names that scripts provide.
  static bool IsInteractive(const Facilities& facilities, const std::string& service,
                            const std::vector<std::string>& provides) {
    auto it = facilities.find("<interactive>");
    if (it == facilities.end()) return false;
    return std::any_of(it->second.begin(), it->second.end(), [&](const std::string& name) {
      return name == service || std::find(provides.begin(), provides.end(), name) != provides.end();
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
      std::erase_if(order_.after[i], [&](int before) {
        return Position(members_[before]) != Position(members_[i]);
      });
    }
  }

  /// A service gets an edge to these only if its header asks for $local_fs or $remote_fs. Without
  /// one it would be killed while it stops, or find / read-only: so each of these waits for all
  /// that does not wait for it.
  void AddEnds() {
    for (const std::string_view service : kEnds) {
      const auto end = nodes_.find(std::string(service));
      if (end == nodes_.end() || !IsMember(end->second)) continue;
      std::vector<bool> earlier = WaitingFor(end->second);
      for (size_t i = 0; i < members_.size(); ++i) {
        earlier[i] = !earlier[i] && members_[i].runs && members_[i].rank == Rank::kService;
      }
      order_.after[end->second] = LastOf(earlier, order_.after);
    }
  }

  /// Whom `node` holds up, directly or not, itself included.
  std::vector<bool> WaitingFor(int node) const {
    std::vector<std::vector<int>> next(members_.size());
    for (size_t i = 0; i < members_.size(); ++i) {
      for (int before : order_.after[i]) next[before].push_back(i);
    }
    return Reached(next, node);
  }

  /// Each member of a rank waits for all of the lower ranks.
  void AddRanks() {
    for (Rank rank : {Rank::kStopByS, Rank::kKexec, Rank::kPower}) {
      std::vector<bool> lower(members_.size());
      for (size_t i = 0; i < members_.size(); ++i) {
        lower[i] = members_[i].runs && members_[i].rank < rank;
      }
      const std::vector<int> last = LastOf(lower, order_.after);
      for (size_t i = 0; i < members_.size(); ++i) {
        if (members_[i].rank != rank || !members_[i].runs) continue;
        std::vector<int>& after = order_.after[i];
        after.insert(after.end(), last.begin(), last.end());
        std::sort(after.begin(), after.end());
        after.erase(std::unique(after.begin(), after.end()), after.end());
      }
    }
  }

  /// One list for all: the members that run, in the order the runner prefers.
  void Line() {
    std::vector<int> by_key(members_.size());
    std::iota(by_key.begin(), by_key.end(), 0);
    order_.importance.resize(members_.size());
    if (tree_.legacy_order) {
      std::stable_sort(by_key.begin(), by_key.end(), [this](int a, int b) {
        return Position(members_[a]) < Position(members_[b]);
      });
    } else if (!plan_->serial) {
      order_.importance = Importance(members_, order_.after);
      std::stable_sort(by_key.begin(), by_key.end(), [this](int a, int b) {
        return order_.importance[a] > order_.importance[b];
      });
    }
    std::vector<int> key(members_.size());
    for (size_t i = 0; i < by_key.size(); ++i) key[by_key[i]] = i;
    order_.sequence = Sequence(order_.after, key);
    std::erase_if(order_.sequence, [this](int i) { return !members_[i].runs; });
  }

  const Source& source_;
  const std::vector<Member>& members_;
  const Tree& tree_;
  Plan* plan_;
  std::unordered_map<std::string, int> nodes_;
  std::vector<std::string> names_;
  std::vector<bool> listed_;
  std::vector<Edge> edges_;
  Order order_;
};

/// One after the other, as they come; .depend only says who needs the console.
Order NameOrder(const Source& source, const std::vector<Member>& members, Plan* plan) {
  const Depend depend = ParseDepend(source.depend, &plan->warnings);
  Order order;
  order.importance.resize(members.size());
  order.after.resize(members.size());
  for (size_t i = 0; i < members.size(); ++i) {
    const std::vector<std::string>& alone = depend.interactive;
    order.interactive.push_back(std::find(alone.begin(), alone.end(), members[i].service) !=
                                alone.end());
    if (!members[i].runs) continue;
    if (!order.sequence.empty()) order.after[i] = {order.sequence.back()};
    order.sequence.push_back(i);
  }
  return order;
}

}  // namespace

Order MakeOrder(const Source& source, const std::vector<Member>& members, const Tree& tree,
                Plan* plan) {
  if (source.by_name) return NameOrder(source, members, plan);
  return OrderMaker(source, members, tree, plan).Make();
}

}  // namespace curfew
