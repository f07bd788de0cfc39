// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/header_order.h"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace curfew {
namespace {

/// Stands in for insserv.conf where that is missing: what the two facilities mean on Debian.
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
  HeaderEdges(Action action, const std::vector<HeaderNode>& nodes, const Facilities& facilities,
              std::vector<Edge>* edges)
      : action_(action),
        nodes_(nodes),
        facilities_(facilities.empty() ? DebianFacilities() : facilities),
        edges_(edges) {
    for (size_t node = 0; node < nodes.size(); ++node) AddNames(node);
  }

  void Add(bool by_number) {
    const Header standard = Standard();
    std::vector<int> last;
    for (size_t node = 0; node < nodes_.size(); ++node) {
      const bool own = nodes_[node].header.found;
      if (own || !by_number) AddNode(node, own ? nodes_[node].header : standard, &last);
    }
    for (int node : last) AddAll(node, last);
  }

 private:
  static Header Standard() {
    Header header;
    header.required_start = header.required_stop = {"$remote_fs", "$syslog"};
    return header;
  }

  /// The names by which others may ask for a script: its own, also without ".sh", and Provides.
  void AddNames(int node) {
    std::set<std::string> names(nodes_[node].header.provides.begin(),
                                nodes_[node].header.provides.end());
    const std::string& service = nodes_[node].service;
    names.insert(service);
    if (service.ends_with(".sh")) names.insert(service.substr(0, service.size() - 3));
    for (const std::string& name : names) by_name_[name].push_back(node);
  }

  void AddNode(int node, const Header& header, std::vector<int>* last) {
    if (action_ == Action::kStart) {
      Each(node, header.required_start, kRequired, /*node_first=*/false, last);
      Each(node, header.should_start, kShould, false, last);
      Each(node, header.start_before, kShould, true, nullptr);
    } else {
      // A needs B while it stops: A first, then B.
      Each(node, header.required_stop, kRequired, /*node_first=*/true, last);
      Each(node, header.should_stop, kShould, true, last);
      Each(node, header.stop_after, kShould, false, nullptr);
    }
  }

  void Each(int node, const std::vector<std::string>& names, Strength strength, bool node_first,
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

  /// The scripts behind a name, through facilities that name facilities.
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
    if (before == after || (nodes_[before].listed && nodes_[after].listed)) return;
    edges_->push_back({before, after, strength});
  }

  /// $all: started after, or stopped before, all that do not say so too and do not need it.
  void AddAll(int node, const std::vector<int>& last) {
    const bool start = action_ == Action::kStart;
    std::vector<bool> left = Dependents(node, start);
    for (int other : last) left[other] = true;
    for (int other = 0; other < static_cast<int>(nodes_.size()); ++other) {
      if (!left[other]) AddEdge(start ? other : node, start ? node : other, kByNumber);
    }
  }

  /// Which nodes come after `node` (start) or before it (stop) by the edges so far.
  std::vector<bool> Dependents(int node, bool start) const {
    std::vector<std::vector<int>> next(nodes_.size());
    for (const Edge& edge : *edges_) {
      if (edge.before >= static_cast<int>(nodes_.size())) continue;
      if (edge.after >= static_cast<int>(nodes_.size())) continue;
      next[start ? edge.before : edge.after].push_back(start ? edge.after : edge.before);
    }
    return Reached(next, node);
  }

  const Action action_;
  const std::vector<HeaderNode>& nodes_;
  const Facilities& facilities_;
  std::vector<Edge>* edges_;
  std::unordered_map<std::string, std::vector<int>> by_name_;
};

/// Orders scripts without header by number against all others. Edges that follow from others are
/// not made: between two neighbouring groups of such scripts everything goes through them.
void AddNumberEdges(const std::vector<HeaderNode>& nodes, std::vector<Edge>* edges) {
  std::vector<int> order(nodes.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return nodes[a].position < nodes[b].position; });
  std::vector<int> bare, others;  // the last group without header; what came with and after it
  for (size_t begin = 0, end; begin < order.size(); begin = end) {
    std::vector<int> bare_here, others_here;
    for (end = begin; end < order.size(); ++end) {
      if (nodes[order[end]].position != nodes[order[begin]].position) break;
      (nodes[order[end]].header.found ? others_here : bare_here).push_back(order[end]);
    }
    auto connect = [&](const std::vector<int>& before, const std::vector<int>& after) {
      for (int b : before) {
        for (int a : after) edges->push_back({b, a, kByNumber});
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

void AddHeaderEdges(Action action, const std::vector<HeaderNode>& nodes,
                    const Facilities& facilities, bool by_number, std::vector<Edge>* edges) {
  HeaderEdges(action, nodes, facilities, edges).Add(by_number);
  if (by_number) AddNumberEdges(nodes, edges);
}

}  // namespace curfew
