// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/ends.h"

#include <algorithm>
#include <string>
#include <vector>

#include "check.h"
#include "plan/link_name.h"
#include "plan/plan.h"
#include "plan/tree.h"

namespace ends_test {
using namespace curfew;
using Strings = std::vector<std::string>;

namespace {

/// What insserv 1.24 writes for a Debian 12 with RAID, encrypted disks and process accounting.
constexpr char kDependStop[] =
    "TARGETS = mdadm acct elogind urandom brightness sendsigs rsyslog umountnfs.sh hwclock.sh "
    "networking umountfs cryptdisks cryptdisks-early udev umountroot mdadm-waitidle halt\n"
    "sendsigs: mdadm elogind acct\n"
    "rsyslog: sendsigs\n"
    "umountnfs.sh: rsyslog sendsigs elogind acct\n"
    "hwclock.sh: rsyslog\n"
    "networking: umountnfs.sh\n"
    "umountfs: networking umountnfs.sh hwclock.sh mdadm elogind urandom brightness acct\n"
    "cryptdisks: umountfs\n"
    "cryptdisks-early: cryptdisks umountfs\n"
    "udev: cryptdisks-early\n"
    "umountroot: udev cryptdisks-early cryptdisks umountfs\n"
    "mdadm-waitidle: umountroot\n"
    "halt: mdadm-waitidle umountroot\n";

const Strings kEnds = {"sendsigs", "umountnfs.sh", "umountfs", "umountroot", "halt"};

Tree TreeOf(Strings links, const std::string& depend = "") {
  Tree tree;
  tree.level = {"/etc/rc0.d", true, {}, {}};
  std::sort(links.begin(), links.end());
  for (const std::string& name : links) {
    tree.level.links.push_back(ParseLink(name, "../init.d/" + name.substr(3), {}, false));
  }
  tree.depend_stop = ParseDepend("/etc/init.d/.depend.stop", depend);
  return tree;
}

void GiveHeader(Tree* tree, const std::string& service, const std::string& lines) {
  tree->headers[service] = "### BEGIN INIT INFO\n" + lines + "\n### END INIT INFO\n";
}

Plan PlanOf(const Tree& tree) {
  Settings settings;
  settings.native_all = false;
  settings.native = {"early-unmount-network"};
  return MakePlan({"0", "2", "", {}}, settings, tree);
}

/// The links in the order of the plan, on one line.
std::string Links(const Tree& tree) {
  const Plan plan = PlanOf(tree);
  std::string text;
  for (const Script& script : plan.passes[0].scripts) {
    if (script.link == "early-unmount-network" || script.link == "until-power") continue;
    text += (text.empty() ? "" : " ") + script.link;
  }
  return text;
}

/// Whether `later` waits for `earlier`, directly or not.
bool Waits(const std::vector<Script>& scripts, size_t later, size_t earlier) {
  std::vector<bool> before(scripts.size());
  before[later] = true;
  for (size_t i = later + 1; i-- > 0;) {
    for (const Dependency& b : scripts[i].after) {
      before[b.script] = before[b.script] || before[i];
    }
  }
  return before[earlier];
}

/// Checks that each end of the plan waits for those before it.
void CheckEnds(const Plan& plan) {
  const std::vector<Script>& scripts = plan.passes[0].scripts;
  std::vector<size_t> ends;
  for (const std::string& name : kEnds) {
    for (size_t i = 0; i < scripts.size(); ++i) {
      if (scripts[i].service == name) ends.push_back(i);
    }
  }
  for (size_t i = 1; i < ends.size(); ++i) CHECK(Waits(scripts, ends[i], ends[i - 1]));
}

}  // namespace

TEST("ends: kill, record, unmount, read-only in this order where no rule is left") {
  Tree tree = TreeOf({"K01cron", "K02sendsigs", "K03umountfs", "K04umountroot"},
                     "TARGETS = cron sendsigs umountfs umountroot\n");
  CHECK_EQ(Links(tree), "K01cron K02sendsigs K03umountfs K04umountroot");
}

TEST("ends: every subset of them, as K or S links, whatever the numbers, with .depend or without") {
  for (int kinds = 0; kinds < 243; ++kinds) {
    Strings links = {"K05cron", "S50late"};
    for (int i = 0, left = kinds; i < 5; ++i, left /= 3) {
      if (left % 3 != 0)
        links.push_back((left % 3 == 1 ? "K" : "S") + std::to_string(90 - 10 * i) + kEnds[i]);
    }
    for (const bool legacy : {false, true}) {
      for (const char* depend :
           {"", "TARGETS = cron\n", "umountroot: halt\nsendsigs: umountfs\n"}) {
        Tree tree = TreeOf(links, depend);
        tree.legacy_order = legacy;
        CheckEnds(PlanOf(tree));
      }
    }
  }
}

TEST("ends: a real .depend.stop that is cut at any byte") {
  const std::string whole = kDependStop;
  Strings links;
  for (const std::string& name : ParseDepend("", whole).targets) links.push_back("K01" + name);
  for (size_t cut = 0; cut <= whole.size(); cut += check::kStep) {
    const Plan plan = PlanOf(TreeOf(links, whole.substr(0, cut)));
    // And early-unmount-network, and the stages before halt.
    CHECK_EQ(plan.passes[0].scripts.size(), links.size() + 2);
    CheckEnds(plan);
  }
}

TEST("ends: hundreds of cycles cannot part them") {
  std::string depend = "TARGETS = sendsigs umountnfs.sh umountfs umountroot";
  Strings links = {"K01sendsigs", "K01umountnfs.sh", "K01umountfs", "K01umountroot"};
  for (int i = 0; i < 100; ++i) {
    const std::string name = "s" + std::to_string(i);
    links.push_back("K01" + name);
    depend += "\n" + name + ": umountroot\nsendsigs: " + name + "\numountfs: " + name;
  }
  CheckEnds(PlanOf(TreeOf(links, depend + "\n")));
}

TEST("ends: the S links of Debian 5 run in the order of their numbers") {
  Tree tree = TreeOf({"K20cron", "K80openvpn", "S20sendsigs", "S31umountnfs.sh", "S35networking",
                      "S40umountfs", "S48cryptdisks", "S60umountroot", "S90halt"});
  const std::string order =
      "K20cron K80openvpn S20sendsigs S31umountnfs.sh S35networking S40umountfs S48cryptdisks "
      "S60umountroot S90halt";
  CHECK_EQ(Links(tree), order);
  // What the headers of Debian 5 said had never counted.
  GiveHeader(&tree, "networking", "# Required-Stop: ifupdown $local_fs $remote_fs");
  GiveHeader(&tree, "cryptdisks", "# Required-Stop: $local_fs");
  CHECK_EQ(Links(tree), order);
  CHECK_EQ(PlanOf(tree).warnings.size(), 0u);
  tree.legacy_order = true;
  CHECK_EQ(Links(tree), order);
}

TEST("ends: an S link that nothing orders after an end stops before kill") {
  Tree tree = TreeOf({"K01sendsigs", "K02umountfs", "K03umountroot", "S01notify", "S09nfs"},
                     "TARGETS = sendsigs umountfs umountroot\numountfs: sendsigs\n"
                     "umountroot: umountfs\nnfs: sendsigs\n");
  GiveHeader(&tree, "notify", "# Required-Stop: $remote_fs");
  CHECK_EQ(Links(tree), "S01notify K01sendsigs S09nfs K02umountfs K03umountroot");
  tree.depend_stop = {};
  tree.legacy_order = true;
  CHECK_EQ(Links(tree), "S01notify S09nfs K01sendsigs K02umountfs K03umountroot");
}

TEST("ends: .legacy-bootordering: numbers order all but the ends, and a line names each") {
  Tree tree = TreeOf({"K01cron", "K02sendsigs", "K03networking", "K04umountfs", "K05umountroot"});
  for (const char* service : {"cron", "sendsigs", "networking", "umountfs", "umountroot"}) {
    GiveHeader(&tree, service, "# Required-Stop: umountroot sendsigs");
  }
  tree.legacy_order = true;
  CHECK_EQ(Links(tree), "K01cron K02sendsigs K03networking K04umountfs K05umountroot");
  CHECK_EQ(PlanOf(tree).warnings.size(), 0u);

  tree = TreeOf({"K01umountfs", "K02cron", "K05sendsigs", "K05networking", "K10modem"});
  tree.legacy_order = true;
  CHECK_EQ(Links(tree), "K02cron K05networking K05sendsigs K01umountfs K10modem");
  CHECK_EQ(PlanOf(tree).warnings, Strings{"/etc/rc0.d/K01umountfs: its name comes before "
                                          "K05sendsigs; it runs after it"});

  // The letter comes before the number in a name.
  tree = TreeOf({"K01cron", "K30umountfs", "S20sendsigs"});
  tree.legacy_order = true;
  CHECK_EQ(PlanOf(tree).warnings, Strings{"/etc/rc0.d/K30umountfs: its name comes before "
                                          "S20sendsigs; it runs after it"});
}

TEST("ends: in a serial pass network file systems go before the first carrier and move nothing") {
  Tree tree = TreeOf({"K02cron", "K05networking", "K10modem", "K20sendsigs", "K30umountfs"});
  tree.legacy_order = true;
  const Plan plan = PlanOf(tree);
  std::string text;
  for (const Script& script : plan.passes[0].scripts) text += script.service + " ";
  CHECK_EQ(text, "cron early-unmount-network networking modem sendsigs umountfs ");
}

}  // namespace ends_test
