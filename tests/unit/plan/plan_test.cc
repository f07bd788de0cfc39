// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/plan.h"

#include <algorithm>
#include <string>
#include <vector>

#include "check.h"
#include "plan/link_name.h"
#include "plan/native.h"
#include "plan/tree.h"

namespace plan_test {
using namespace curfew;
using Strings = std::vector<std::string>;

namespace {

Link L(const std::string& name) {
  return ParseLink(name, "../init.d/" + name.substr(3), {}, /*two_digits=*/false);
}

/// A tree of level 0 (or another) with these links and this .depend text for all passes.
Tree Make(const Strings& links, const std::string& depend) {
  Tree tree;
  tree.level.path = "/etc/rc0.d";
  tree.level.found = true;
  for (const std::string& name : links) tree.level.links.push_back(L(name));
  std::sort(tree.level.links.begin(), tree.level.links.end(),
            [](const Link& a, const Link& b) { return a.name < b.name; });
  tree.depend_start = ParseDepend("/etc/init.d/.depend.start", depend);
  tree.depend_stop = ParseDepend("/etc/init.d/.depend.stop", depend);
  return tree;
}

void Header(Tree* tree, const std::string& service, const std::string& lines) {
  tree->headers[service] = "### BEGIN INIT INFO\n" + lines + "\n### END INIT INFO\n";
}

/// The services that end the machine are Debian's own unless the tree says otherwise.
Plan PlanOf(Tree tree, const std::string& level = "0", const std::string& previous = "2",
            const Settings& settings = {}) {
  for (const char* service : {"halt", "reboot", "kexec"})
    tree.origins.insert({service, ScriptOrigin::kStock});
  Plan plan = MakePlan({level, previous, "", {}}, settings, tree);
  for (const Pass& pass : plan.passes) {
    for (size_t i = 0; i < pass.scripts.size(); ++i) {
      for (const Dependency& before : pass.scripts[i].after) {
        CHECK(before.script >= 0 && before.script < static_cast<int>(i));
      }
    }
  }
  return plan;
}

/// "a, c: a, d: a c" of one pass.
std::string Text(const Plan& plan, size_t pass = 0) {
  std::string text;
  if (pass >= plan.passes.size()) return "none";
  const std::vector<Script>& scripts = plan.passes[pass].scripts;
  for (const Script& script : scripts) {
    text += (text.empty() ? "" : ", ") + script.service + (script.after.empty() ? "" : ":");
    for (const Dependency& before : script.after) text += " " + scripts[before.script].service;
  }
  return text;
}

std::string OmittedText(const Plan& plan) {
  std::string text;
  for (const Omitted& omitted : plan.omitted) text += omitted.link + ": " + omitted.reason + "\n";
  return text;
}

bool Has(const Strings& texts, const std::string& part) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

}  // namespace

TEST("plan: .depend edges become what each script waits for") {
  Plan plan = PlanOf(Make({"K01a", "K02b", "K03c"}, "TARGETS = a b c\nb: a\nc: a b\n"));
  CHECK_EQ(Text(plan), "a, b: a, c: a b");
  CHECK_EQ(plan.warnings, Strings());
}

TEST("plan: order through a service without link is kept") {
  Plan plan = PlanOf(Make({"K01a", "K05d"}, "TARGETS = a b c d\nb: a\nc: b\nd: c\n"));
  CHECK_EQ(Text(plan), "a, d: a");
}

TEST("plan: kexec, then halt or reboot wait for everything, whatever the edges say") {
  Plan plan = PlanOf(Make({"K01z", "K01y", "K02x", "K02reboot", "K02kexec"},
                          "TARGETS = y z x kexec reboot\nx: y\ny: reboot\nkexec: y\n"),
                     "6");
  CHECK_EQ(Text(plan), "y, z, x: y, kexec: y z x, reboot: kexec");
}

TEST("plan: a service without any order stops before processes and file systems are ended") {
  const Tree tree = Make({"K01loner", "K02sendsigs", "K03umountfs", "K04late", "K05umountroot"},
                         "sendsigs:\numountfs: sendsigs\numountroot: umountfs\nlate: sendsigs\n");
  CHECK_EQ(Text(PlanOf(tree)),
           "loner, sendsigs: loner, late: sendsigs, umountfs: late, umountroot: umountfs");
}

TEST("plan: in 0 and 6 every K runs, also after N and if the old level had it") {
  Tree tree = Make({"K01a", "K01b"}, "TARGETS = a b\n");
  tree.previous.links = {L("K01a")};
  CHECK_EQ(Text(PlanOf(tree, "0", "2")), "a, b");
  CHECK_EQ(Text(PlanOf(tree, "6", "N")), "a, b");
}

TEST("plan: S links of 0 and 6 are stopped, after all K links") {
  Plan plan = PlanOf(Make({"S20x", "K50a", "K60b", "S90halt"}, "TARGETS = a b x\na: x\n"));
  CHECK_EQ(Text(plan), "a, b, x: a b, halt: x");
  CHECK(plan.passes[0].scripts[2].action == Action::kStop);
}

TEST("plan: 1 to 5 run only what the old level had not; others are named") {
  Tree tree = Make({"K01a", "K01b", "S01x", "S01y"}, "TARGETS = a b x y\ny: x\nb: a\n");
  tree.previous.links = {L("K07a"), L("S09x")};
  Plan plan = PlanOf(tree, "3", "2");
  CHECK_EQ(Text(plan, 0), "b");
  CHECK_EQ(Text(plan, 1), "y");
  CHECK_EQ(OmittedText(plan), "K01a: stopped already in level 2\nS01x: runs already in level 2\n");
}

TEST("plan: a running service still orders the new ones around it") {
  Tree tree = Make({"S01a", "S02b", "S03c"}, "TARGETS = a b c\nb: a\nc: b\n");
  tree.previous.links = {L("S02b")};
  CHECK_EQ(Text(PlanOf(tree, "3", "2")), "a, c: a");
}

TEST("plan: without a previous level nothing is stopped in 1 to 5; level S only starts") {
  Tree tree = Make({"K01a", "S01x"}, "TARGETS = a x\n");
  Plan plan = PlanOf(tree, "2", "N");
  CHECK_EQ(plan.passes.size(), 1u);
  CHECK_EQ(OmittedText(plan), "K01a: there is no level before\n");
  CHECK(plan.hand_over.empty());
  CHECK_EQ(PlanOf(tree, "S", "N").passes.size(), 1u);
}

TEST("plan: services that the state files call stopped are left out when 6 turns into 0") {
  Tree tree = Make({"K01a", "K02b", "K03c"}, "TARGETS = a b c\nb: a\nc: b\n");
  Plan plan = MakePlan({"0", "6", "", {}, "", {"b"}}, {}, tree);
  CHECK_EQ(Text(plan), "a, c: a");
  CHECK_EQ(OmittedText(plan), "K02b: stopped already in this shutdown\n");
}

TEST("plan: a cycle gives way where the link numbers contradict it") {
  Plan plan = PlanOf(Make({"K01a", "K02b", "K03c"}, "TARGETS = a b c\na: c\nb: a\nc: b\n"));
  CHECK_EQ(Text(plan), "a, b: a, c: b");
  CHECK_EQ(plan.warnings, Strings{"/etc/init.d/.depend.stop: cycle: c -> a -> b -> c; a does not "
                                  "wait for c"});
}

TEST("plan: a cycle of equals gives way at the latest line; a script cannot wait for itself") {
  Plan plan = PlanOf(Make({"K01a", "K01b"}, "TARGETS = a b\nb: a\na: b\nb: b\n"));
  CHECK_EQ(Text(plan), "a, b: a");
  CHECK_EQ(plan.warnings.size(), 2u);
}

TEST("plan: hundreds of cycles are broken with a bounded number of messages") {
  Strings links;
  std::string depend = "TARGETS =";
  for (int i = 0; i < 200; ++i) {
    links.push_back("K01s" + std::to_string(i));
    depend += " s" + std::to_string(i);
  }
  for (int i = 0; i < 200; ++i) {
    depend += "\ns" + std::to_string(i) + ":";
    for (int j = 0; j < 40; ++j) depend += " s" + std::to_string((i * 31 + j * 7) % 200);
  }
  Plan plan = PlanOf(Make(links, depend));
  CHECK_EQ(plan.passes[0].scripts.size(), 200u);
  CHECK(plan.warnings.size() > 2 && plan.warnings.size() < 50);
}

TEST("plan: without .depend headers order: stop before what is required, start after it") {
  for (bool stop : {true, false}) {
    const std::string letter = stop ? "K" : "S";
    Tree tree = Make({letter + "01net.sh", letter + "01app", letter + "01last"}, "");
    tree.facilities = {{"/c", "$network +net\n$named $network\n"}};
    Header(&tree, "net.sh", "# Provides: net");
    Header(&tree, "app", "# Required-Stop: $named\n# Should-Start: $named");
    Header(&tree, "last", "# X-Start-Before: app\n# X-Stop-After: net.sh absent");
    CHECK_EQ(Text(PlanOf(tree, stop ? "0" : "3", "N")),
             stop ? "app, early-unmount-network: app, net.sh: app early-unmount-network, "
                    "last: net.sh"
                  : "last, net.sh, app: last net.sh");
  }
}

TEST("plan: $all is after everything, but not after what needs the script") {
  Tree tree = Make({"S01a", "S01b", "S01rc.local", "S01tail"}, "");
  for (const char* name : {"a", "b"}) Header(&tree, name, "# Provides: x");
  Header(&tree, "rc.local", "# Required-Start: $all");
  Header(&tree, "tail", "# Required-Start: rc.local");
  Plan plan = PlanOf(tree, "2", "N");
  CHECK_EQ(Text(plan), "a, b, rc.local: a b, tail: rc.local");
  CHECK_EQ(plan.warnings, Strings());
  Header(&tree, "tail", "# Required-Start: $all");
  CHECK_EQ(Text(PlanOf(tree, "2", "N")), "a, b, rc.local: a b, tail: a b");
}

TEST("plan: $all gives way to a link number that says the opposite, without a word") {
  Tree tree = Make({"S98rc.local", "S99bare"}, "");
  Header(&tree, "rc.local", "# Required-Start: $all");
  const Plan start = PlanOf(tree, "2", "N");
  tree = Make({"K01bare", "K02all"}, "");
  Header(&tree, "all", "# Required-Stop: $all");
  const Plan stop = PlanOf(tree);
  CHECK_EQ(Text(start) + "; " + Text(stop), "rc.local, bare: rc.local; bare, all: bare");
  CHECK(start.warnings.empty() && stop.warnings.empty());
}

TEST("plan: in a cycle of headers Should gives way to Required") {
  Tree tree = Make({"K01a", "K01b"}, "");
  Header(&tree, "a", "# Should-Stop: b");
  Header(&tree, "b", "# Required-Stop: a");
  Plan plan = PlanOf(tree);
  CHECK_EQ(Text(plan), "b, a: b");
  CHECK_EQ(plan.warnings, Strings{"/etc/rc0.d: cycle: a -> b -> a; b does not wait for a"});
}

TEST("plan: without .depend and headers the link numbers order, equal ones run together") {
  CHECK_EQ(Text(PlanOf(Make({"K09a", "K10b", "K10c", "K20d"}, ""))), "a, b: a, c: a, d: b c");
}

TEST("plan: a script without header is ordered by number against those with one") {
  Tree tree = Make({"K01a", "K02bare", "K03c"}, "");
  Header(&tree, "a", "# Provides: a");
  Header(&tree, "c", "# Provides: c");
  CHECK_EQ(Text(PlanOf(tree)), "a, bare: a, c: bare");
}

TEST("plan: a link missing in .depend runs, by its header, else before $remote_fs and $syslog") {
  Tree tree = Make({"K01bare", "K01own", "K02umountnfs.sh", "K03x"},
                   "TARGETS = umountnfs.sh x\nx: umountnfs.sh\n");
  Header(&tree, "own", "# Required-Stop: x");
  Plan plan = PlanOf(tree);
  CHECK_EQ(Text(plan), "bare, own, umountnfs.sh: bare own, x: own umountnfs.sh");
}

TEST("plan: what the longest chain waits for starts first, and no name is preferred") {
  Plan plan = PlanOf(Make({"S01zeta", "S01sshd", "S01early-x", "S01key", "S01a", "S01b", "S01c"},
                          "TARGETS = a b c early-x key sshd zeta\nsshd: key\nb: zeta\nc: b\n"),
                     "2", "N");
  CHECK_EQ(Text(plan), "zeta, b: zeta, key, a, c: b, early-x, sshd: key");
}

TEST("plan: concurrency=none keeps the edges and takes ready scripts in C-locale order") {
  Settings settings;
  settings.serial = true;
  Tree tree = Make({"K01a", "K01b", "K01_c", "K02early"}, "TARGETS = a b _c early\na: b\n");
  Plan plan = PlanOf(tree, "0", "2", settings);
  CHECK(plan.serial);
  CHECK_EQ(Text(plan), "_c, b, a: b, early");
  CHECK_EQ(plan.passes[0].scripts[0].path, "/etc/rc0.d/K01_c");
}

TEST("plan: .legacy-bootordering: numbers order, edges only between equal ones") {
  Tree tree = Make({"K05a", "K05b", "K10c", "K90d"}, "TARGETS = a b c d\na: b\na: d\n");
  tree.legacy_order = true;
  Plan plan = PlanOf(tree);
  CHECK(plan.serial);
  CHECK_EQ(Text(plan), "b, a: b, c: a, d: c");
}

TEST("plan: two links of one service run it once") {
  Plan plan = PlanOf(Make({"K01a", "K09a", "S20a"}, "TARGETS = a\n"));
  CHECK_EQ(Text(plan), "a");
  CHECK_EQ(OmittedText(plan), "K09a: the same service as K01a\nS20a: the same service as K01a\n");
}

TEST("plan: entries that cannot run are named; a directory alone makes no warning") {
  Tree tree = Make({"K01ok"}, "TARGETS = ok\n");
  const std::pair<const char*, LinkKind> entries[] = {{"K02dir", LinkKind::kDirectory},
                                                      {"K03gone", LinkKind::kDangling},
                                                      {"K04self", LinkKind::kLoop},
                                                      {"K05fifo", LinkKind::kOther},
                                                      {"Kname", LinkKind::kFile}};
  for (const auto& [name, kind] : entries) {
    tree.level.links.push_back(L(name));
    tree.level.links.back().kind = kind;
  }
  Plan plan = PlanOf(tree);
  CHECK_EQ(Text(plan), "ok");
  CHECK_EQ(plan.omitted.size(), 5u);
  CHECK_EQ(plan.warnings.size(), 3u);
  CHECK(Has(plan.warnings, "/etc/rc0.d/K03gone: a link to ../init.d/gone, which is missing"));
}

TEST("plan: stock scripts become stages, an edited one runs and is named, NATIVE takes names out") {
  Tree tree = Make({"K01sendsigs", "K02umountfs", "K03halt"},
                   "TARGETS = sendsigs umountfs halt\numountfs: sendsigs\n");
  tree.origins = {{"sendsigs", ScriptOrigin::kStock},
                  {"umountfs", ScriptOrigin::kEdited},
                  {"halt", ScriptOrigin::kStock}};
  Plan plan = PlanOf(tree);
  const std::vector<Script>& scripts = plan.passes[0].scripts;
  CHECK(scripts[0].kind == ScriptKind::kNativeStage && scripts[0].stages == "kill");
  CHECK(scripts[1].kind == ScriptKind::kScript && scripts[2].kind == ScriptKind::kHandOver);
  CHECK_EQ(plan.warnings, Strings{"/etc/init.d/umountfs: edited here; it runs, not stage unmount"});
  Settings settings;
  settings.native_all = false;
  settings.native = {"sendsigs"};
  plan = PlanOf(tree, "0", "2", settings);
  CHECK(plan.passes[0].scripts[0].kind == ScriptKind::kNativeStage);
  CHECK_EQ(plan.passes[0].scripts[2].service, "until-power");
  CHECK(plan.passes[0].scripts[3].kind == ScriptKind::kScript && plan.warnings.empty());
  settings.trace = "sendsigs";
  CHECK(PlanOf(tree, "0", "2", settings).passes[0].scripts[0].kind == ScriptKind::kScript);
}

TEST("plan: network file systems have a stage in level 0 and 6, unless NATIVE leaves it out") {
  const Tree tree = Make({"K02networking"}, "TARGETS = networking\n");
  Settings settings;
  const auto has = [&](const char* level) {
    return Text(PlanOf(tree, level, "2", settings)).find("early-unmount-network") !=
           std::string::npos;
  };
  CHECK(has("0") && has("6") && !has("1"));
  CHECK((settings.native_all = false, !has("0")));
}

TEST("plan: a stop has its service's limits, a start none, a script with the console LIMIT_HARD") {
  Settings settings;
  settings.service_limits["b"] = {std::chrono::seconds(200), {}};
  Tree tree = Make({"K01a", "K02b", "S01c"}, "TARGETS = a b c\nINTERACTIVE = a\n");
  const auto limits = [&](const char* level) {
    std::string text;
    for (const Pass& pass : PlanOf(tree, level, "2", settings).passes)
      for (const Script& script : pass.scripts)
        text += script.service + " " + std::to_string(script.limit.count()) + "/" +
                std::to_string(script.limit_hard.count()) + " ";
    return text;
  };
  CHECK_EQ(limits("3"), "a 0/600 b 200/600 c 0/0 ");
  CHECK_EQ(limits("0"), "a 0/600 b 200/600 c 90/600 ");
}

TEST("plan: the hand-over follows INIT_HALT, HALT, NETDOWN and HALT_DISKS, and nothing else") {
  struct Case {
    const char *level, *init_halt, *halt;
    bool net, disks;
    Strings want;
  };
  for (const Case& c :
       std::vector<Case>{{"0", "", "poweroff", true, true, {"halt", "-f", "-i", "-p", "-h"}},
                         {"0", "HALT", "poweroff", true, true, {"halt", "-f", "-i", "-h"}},
                         {"0", "POWEROFF", "halt", true, true, {"halt", "-f", "-i", "-p", "-h"}},
                         {"0", "", "halt", true, true, {"halt", "-f", "-i", "-h"}},
                         {"0", "", "poweroff", false, true, {"halt", "-f", "-p", "-h"}},
                         {"0", "", "poweroff", false, false, {"halt", "-f", "-p"}},
                         {"6", "HALT", "halt", true, true, {"reboot", "-f", "-i"}},
                         {"6", "", "halt", false, true, {"reboot", "-f"}}}) {
    Settings settings;
    settings.halt = c.halt;
    settings.net_down = c.net;
    settings.halt_disks = c.disks;
    CHECK_EQ(MakePlan({c.level, "2", c.init_halt, {}}, settings, {}).hand_over, c.want);
  }
}

TEST("plan: KEXEC=yes or Debian's kexec service restarts through the loaded kernel") {
  Settings settings;
  settings.kexec = true;
  CHECK_EQ(MakePlan({"6", "2", "", {}}, settings, {}).hand_over,
           (Strings{"reboot", "-f", "-i", "-k"}));
  CHECK_EQ(MakePlan({"0", "2", "", {}}, settings, {}).hand_over[0], "halt");
  Tree tree = Make({"K01kexec"}, "TARGETS = kexec\n");
  tree.origins = {{"kexec", ScriptOrigin::kStock}};
  CHECK_EQ(PlanOf(tree, "6").hand_over, (Strings{"reboot", "-f", "-i", "-k"}));
  CHECK_EQ(PlanOf(tree, "0").hand_over, (Strings{"halt", "-f", "-i", "-p", "-h"}));
}

TEST("plan: Debian's kexec-load runs as the script it is, before anything that kexec comes after") {
  Tree tree = Make({"K01kexec-load", "K02sendsigs", "K03umountroot", "K04kexec", "K04reboot"},
                   "TARGETS = kexec-load sendsigs umountroot kexec reboot\nsendsigs: kexec-load\n"
                   "umountroot: sendsigs\nkexec: umountroot\nreboot: umountroot\n");
  for (const char* service : {"sendsigs", "umountroot", "kexec", "reboot"})
    tree.origins[service] = ScriptOrigin::kStock;
  const Plan plan = PlanOf(tree, "6");
  const auto& scripts = plan.passes[0].scripts;
  CHECK_EQ(scripts[0].service, "kexec-load");
  CHECK(scripts[0].kind == ScriptKind::kScript);
  CHECK(scripts[3].kind == ScriptKind::kHandOver && scripts[4].kind == ScriptKind::kHandOver);
}

TEST("plan: a missing rc0.d is named, and the machine still goes down") {
  Tree tree;
  tree.level.path = "/etc/rc0.d";
  const Plan plan = PlanOf(tree);
  CHECK_EQ(plan.warnings,
           Strings{"/etc/rc0.d: no such directory; nothing is stopped, halt follows"});
  CHECK_EQ(plan.hand_over[0], "halt");
}

}  // namespace plan_test
