// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/header_order.h"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace curfew {
namespace {

/// Used where insserv.conf is missing: what the facilities mean on Debian.
const Facilities& DebianFacilities() {
  static const Facilities facilities = {
      {"$local_fs", {"mountall", "mountall-bootclean", "umountfs"}},
      {"$network", {"networking", "ifupdown"}},
      {"$remote_fs", {"$local_fs", "mountnfs", "mountnfs-bootclean", "umountnfs", "sendsigs"}},
      {"$syslog", {"rsyslog", "syslog-ng", "inetutils-syslogd"}},
  };
  return facilities;
}

class HeaderEdges {
 public:
  HeaderEdges(Action action, const std::vector<Member>& members, const Facilities& facilities,
              std::vector<Edge>* edges)
      : action_(action),
        members_(members),
        facilities_(facilities.empty() ? DebianFacilities() : facilities),
        edges_(edges) {
    for (size_t node = 0; node < members.size(); ++node) AddNames(node);
  }

  void Add(bool by_number) {
    const Header standard = Standard();
    std::vector<int> last;
    for (size_t node = 0; node < members_.size(); ++node) {
      const bool own = members_[node].header.found;
      if (!members_[node].has_link) {
        AddNode(node, members_[node].header, nullptr);
        continue;
      }
      if (!own && members_[node].end != End::kNone) continue;  // it needs no service: it ends them
      if (own || !by_number) AddNode(node, own ? members_[node].header : standard, &last);
    }
    for (int node : last) AddAll(node, last);
  }

 private:
  static Header Standard() {
    Header header;
    header.required_start = header.required_stop = {"$remote_fs", "$syslog"};
    return header;
  }

  /// Adds the names by which other headers may name a script: its own, also without ".sh", and
  /// those of Provides.
  void AddNames(int node) {
    std::set<std::string> names(members_[node].header.provides.begin(),
                                members_[node].header.provides.end());
    const std::string& service = members_[node].service();
    names.insert(service);
    if (service.ends_with(".sh")) names.insert(service.substr(0, service.size() - 3));
    for (const std::string& name : names) by_name_[name].push_back(node);
  }

  void AddNode(int node, const Header& header, std::vector<int>* last) {
    if (action_ == Action::kStart) {
      AddEach(node, header.required_start, kRequired, /*node_first=*/false, last);
      AddEach(node, header.should_start, kShould, false, last);
      AddEach(node, header.start_before, kShould, true, nullptr);
    } else {
      // A needs B while it stops: A first, then B.
      AddEach(node, header.required_stop, kRequired, /*node_first=*/true, last);
      AddEach(node, header.should_stop, kShould, true, last);
      AddEach(node, header.stop_after, kShould, false, nullptr);
    }
  }

  /// Adds the edges between `node` and each of `names`. `last` collects the nodes that ask for
  /// $all.
  void AddEach(int node, const std::vector<std::string>& names, Strength strength, bool node_first,
               std::vector<int>* last) {
    for (const std::string& name : names) {
      if (name == "$all") {
        if (last && (last->empty() || last->back() != node)) last->push_back(node);
        continue;
      }
      std::set<std::string> seen;
      std::vector<int> others;
      Resolve(name, &seen, &others);
      for (int other : others) {
        AddEdge(node_first ? node : other, node_first ? other : node, strength);
      }
    }
  }

  /// Appends the nodes that a name stands for to `found`. Facilities may name facilities.
  void Resolve(const std::string& name, std::set<std::string>* seen, std::vector<int>* found) {
    if (!seen->insert(name).second) return;
    if (auto it = by_name_.find(name); it != by_name_.end()) {
      found->insert(found->end(), it->second.begin(), it->second.end());
    }
    if (name[0] != '$') return;
    auto it = facilities_.find(name);
    if (it == facilities_.end()) return;
    for (const std::string& part : it->second) Resolve(part, seen, found);
  }

  void AddEdge(int before, int after, Strength strength) {
    if (before == after || (members_[before].in_depend && members_[after].in_depend)) return;
    edges_->push_back({before, after, strength, EdgeSource::kHeader});
  }

  /// $all: `node` starts after, or stops before, all members that do not ask for $all themselves
  /// and do not need `node`. insserv gives $all the last number, so a link number that says the
  /// opposite was set by hand and stands.
  void AddAll(int node, const std::vector<int>& last) {
    const bool start = action_ == Action::kStart;
    std::vector<bool> excluded = Dependents(node, start);
    for (int other : last) excluded[other] = true;
    for (int other = 0; other < static_cast<int>(members_.size()); ++other) {
      if (excluded[other] || !members_[other].has_link) continue;
      const int before = start ? other : node, after = start ? node : other;
      if (members_[before].position <= members_[after].position) AddEdge(before, after, kByNumber);
    }
  }

  /// Which nodes come after `node` (start) or before it (stop) by the edges so far.
  std::vector<bool> Dependents(int node, bool start) const {
    std::vector<std::vector<int>> next(members_.size());
    for (const Edge& edge : *edges_) {
      if (edge.before >= static_cast<int>(members_.size())) continue;
      if (edge.after >= static_cast<int>(members_.size())) continue;
      next[start ? edge.before : edge.after].push_back(start ? edge.after : edge.before);
    }
    return Reached(next, node);
  }

  const Action action_;
  const std::vector<Member>& members_;
  const Facilities& facilities_;
  std::vector<Edge>* edges_;
  std::unordered_map<std::string, std::vector<int>> by_name_;
};

/// Orders scripts without header by number against all others of one rank. Scripts of one number
/// are a group; edges that follow from those of the group between are not made.
void AddNumberEdges(Rank rank, const std::vector<Member>& members, std::vector<Edge>* edges) {
  std::vector<int> order;
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i].rank == rank && members[i].has_link) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return members[a].position < members[b].position; });
  std::vector<int> bare, others;  // the last group without header; all since that group
  for (size_t begin = 0, end; begin < order.size(); begin = end) {
    std::vector<int> bare_here, others_here;
    for (end = begin; end < order.size(); ++end) {
      if (members[order[end]].position != members[order[begin]].position) break;
      (members[order[end]].header.found ? others_here : bare_here).push_back(order[end]);
    }
    auto connect = [&](const std::vector<int>& before, const std::vector<int>& after) {
      for (int b : before) {
        for (int a : after) edges->push_back({b, a, kByNumber, EdgeSource::kNumber});
      }
    };
    connect(bare, bare_here);
    connect(others, bare_here);
    connect(bare, others_here);
    if (!bare_here.empty()) {
      bare = std::move(bare_here);
      others.clear();
    }
    others.insert(others.end(), others_here.begin(), others_here.end());
  }
}

}  // namespace

void AddHeaderEdges(Action action, const std::vector<Member>& members, const Facilities& facilities,
                    bool by_number, std::vector<Edge>* edges) {
  HeaderEdges(action, members, facilities, edges).Add(by_number);
  if (!by_number) return;
  for (const Rank rank : {Rank::kService, Rank::kStopByS}) AddNumberEdges(rank, members, edges);
}

}  // namespace curfew
