// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/early_unmount.h"

#include <algorithm>

#include "plan/dialect.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Stands for the stage, which has no link on disk.
const Link kStageLink{.name = kEarlyUnmount, .service = kEarlyUnmount};

/// The members that must come after the stage: carriers, killers, the services that end the
/// machine, and all that wait for one of these.
std::vector<bool> Later(const std::vector<std::string_view>& killers,
                        const std::set<std::string>& carriers, const std::vector<Member>& members,
                        const Predecessors& after) {
  std::vector<bool> later(members.size());
  for (const int i : Sequence(after, std::vector<int>(members.size()))) {
    const std::string& service = members[i].service();
    later[i] = Contains(killers, service) || carriers.contains(service) ||
               members[i].rank >= Rank::kKexec ||
               std::any_of(after[i].begin(), after[i].end(), [&](int b) { return later[b]; });
  }
  return later;
}

/// The services that serve file systems to the network.
constexpr std::string_view kServers =
    "nfs-kernel-server nfs-server nfsserver nfs-ganesha samba smbd smb ksmbd glusterd "
    "glusterfs-server";

}  // namespace

std::set<std::string> NetworkCarriers(const Tree& tree, const std::vector<Member>& members) {
  std::vector<std::string> warnings;  // Who orders the pass has said them.
  const Facilities facilities = ParseFacilities(tree.facilities, &warnings);
  std::set<std::string> names{"$network"};
  if (const auto listed = facilities.find("$network"); listed != facilities.end())
    names.insert(listed->second.begin(), listed->second.end());
  const auto is_network = [&](const std::string& name) { return names.contains(name); };
  const std::vector<std::string_view> servers = WordViews(tree.own_mounts ? kServers : "");
  std::set<std::string> carriers;
  for (const Member& member : members) {
    const std::string& service = member.service();
    const auto text = tree.headers.find(service);
    const Header header = text == tree.headers.end() ? Header() : ParseHeader(text->second);
    if (IsNetworkCarrier(service) || Contains(servers, service) || is_network(service) ||
        std::any_of(header.provides.begin(), header.provides.end(), is_network) ||
        Contains(header.stop_after, "$network"))
      carriers.insert(service);
  }
  return carriers;
}

void AddEarlyUnmount(const std::vector<std::string_view>& killers,
                     const std::set<std::string>& carriers, bool mounted,
                     std::vector<Member>* members, Predecessors* after) {
  if (!mounted && std::none_of(members->begin(), members->end(), [&](const Member& member) {
        return member.will_run && carriers.contains(member.service());
      })) {
    return;
  }
  const std::vector<bool> later = Later(killers, carriers, *members, *after);
  const int stage = static_cast<int>(members->size());
  std::vector<bool> earlier(members->size());
  std::vector<int> first_later;
  for (int i = 0; i < stage; ++i) {
    if (!(*members)[i].will_run) continue;
    const std::vector<int>& list = (*after)[i];
    earlier[i] = !later[i];
    if (later[i] && std::none_of(list.begin(), list.end(), [&](int b) { return later[b]; })) {
      first_later.push_back(i);
    }
  }
  after->push_back(LastOf(earlier, *after));
  for (const int i : first_later) (*after)[i].push_back(stage);
  members->push_back({&kStageLink});
}

bool IsEarlyUnmount(const Member& member) {
  return member.link == &kStageLink;
}

}  // namespace curfew
