// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/early_unmount.h"

#include <list>
#include <string>

#include "check.h"
#include "kernel/network_types.h"
#include "plan/link_name.h"

namespace early_unmount_test {
using namespace curfew;

namespace {

/// A stop, and the numbers of those it waits for.
struct Stop {
  std::string service;
  std::vector<int> after = {};
};

/// "a, b: a" of a pass of these stops, with the stage.
std::string With(const std::vector<Stop>& stops, const Tree& tree = {}) {
  std::list<Link> links;
  std::vector<Member> members;
  Predecessors after;
  for (const Stop& stop : stops) {
    links.push_back(ParseLink("K01" + stop.service, "", {}, /*two_digits=*/true));
    members.push_back({&links.back()});
    after.push_back(stop.after);
  }
  AddEarlyUnmount({"sendsigs"}, NetworkCarriers(tree, members), tree.network_mounts, &members,
                  &after);
  std::string text;
  for (const int i : Sequence(after, std::vector<int>(members.size()))) {
    text += (text.empty() ? "" : ", ") + members[i].service() + (after[i].empty() ? "" : ":");
    for (const int before : after[i]) text += " " + members[before].service();
  }
  return text;
}

}  // namespace

TEST("network file systems go behind all services and before each network carrier") {
  CHECK_EQ(With({{"db"}, {"openvpn", {0}}, {"cron"}, {"networking", {1}}, {"sendsigs", {0, 2}}}),
           "db, cron, early-unmount-network: db cron, openvpn: db early-unmount-network, "
           "networking: openvpn, sendsigs: db cron early-unmount-network");
}

TEST("a pass without a network carrier gets no stage") {
  CHECK_EQ(With({{"a"}, {"b", {0}}}), "a, b: a");
}

TEST("with a file system of the network mounted it comes before the end of all processes, too") {
  Tree tree;
  tree.network_mounts = true;
  CHECK_EQ(With({{"a"}, {"sendsigs", {0}}}, tree),
           "a, early-unmount-network: a, sendsigs: a early-unmount-network");
}

TEST("a server of what is mounted here stops behind the stage, another server does not") {
  Tree tree;
  tree.network_mounts = true;
  CHECK_EQ(With({{"nfs-kernel-server"}}, tree),
           "nfs-kernel-server, early-unmount-network: nfs-kernel-server");
  tree.own_mounts = true;
  CHECK_EQ(With({{"nfs-kernel-server"}}, tree),
           "early-unmount-network, nfs-kernel-server: early-unmount-network");
}

TEST("a mount is this machine's own by its address, or by its server's name") {
  CHECK(IsOwnServer("localhost:/srv", "rw,vers=4.2"));
  CHECK(IsOwnServer("nas:/srv", "rw,vers=4.2,addr=127.0.0.1"));
  CHECK(IsOwnServer("//nas/srv", "rw,vers=3.0,addr=::1"));
  CHECK(!IsOwnServer("nas:/srv", "rw,clientaddr=127.0.0.1,addr=10.0.0.7"));
  CHECK(!IsOwnServer("127x:/srv", "rw,addr=12.7.0.0"));
}

TEST("who provides $network, by header or insserv.conf, carries it, and who stops after it") {
  const std::string begin = "### BEGIN INIT INFO\n", end = "### END INIT INFO\n";
  Tree tree;
  tree.headers = {{"mesh", begin + "# Provides: mesh $network\n" + end},
                  {"late", begin + "# X-Stop-After: $network\n" + end},
                  {"db", begin + "# Required-Stop: $network\n" + end}};
  tree.facilities = {{"/etc/insserv.conf", "$network +ifs\n"}};
  for (const std::string carrier : {"mesh", "late", "ifs"})
    CHECK_EQ(With({{"db"}, {carrier}}, tree),
             "db, early-unmount-network: db, " + carrier + ": early-unmount-network");
  CHECK_EQ(With({{"db"}, {"other"}}, tree), "db, other");
}

TEST("carriers whose headers say that they stop before $network are known by name") {
  const std::string header =
      "### BEGIN INIT INFO\n# Required-Stop: $network $remote_fs\n### END INIT INFO\n";
  for (const std::string carrier :
       {"fastd", "gvpe", "n2n", "keepalived", "shorewall", "stunnel4"}) {
    Tree tree;
    tree.headers[carrier] = header;
    CHECK_EQ(With({{"db"}, {carrier}}, tree),
             "db, early-unmount-network: db, " + carrier + ": early-unmount-network");
  }
}

TEST("a service that waits for a carrier does not keep network file systems mounted") {
  CHECK_EQ(With({{"a"}, {"network-manager"}, {"b", {1}}}),
           "a, early-unmount-network: a, network-manager: early-unmount-network, b: "
           "network-manager");
}

TEST("scripts one after the other stay so, with the stage before the first carrier") {
  CHECK_EQ(With({{"netfs"}, {"network", {0}}, {"killall", {1}}}),
           "netfs, early-unmount-network: netfs, network: netfs early-unmount-network, killall: "
           "network");
}

}  // namespace early_unmount_test
