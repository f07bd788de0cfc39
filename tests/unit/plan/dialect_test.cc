// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/dialect.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "check.h"
#include "plan/depend.h"
#include "plan/link_name.h"
#include "plan/request.h"

namespace dialect_test {
using namespace curfew;
using Strings = std::vector<std::string>;

namespace {

constexpr Layout kLayouts[] = {Layout::kDebian, Layout::kSuse, Layout::kRedHat, Layout::kLfs};

/// MakeRequest with these variables, as "LEVEL after PREVIOUS".
std::string Change(Layout layout, const std::string& argument,
                   const std::map<std::string, std::string>& variables,
                   const MachineState& machine = {}) {
  const Environment value = [&](const std::string& name) {
    auto it = variables.find(name);
    return it == variables.end() ? std::string() : it->second;
  };
  const Request request = MakeRequest(DialectOf(layout), argument, value, machine);
  return request.level + " after " + request.previous;
}

// --- random trees ---

class RandomTree {
 public:
  RandomTree(unsigned seed) : random_(seed) {
    settings_.layout = kLayouts[seed % 4];
    settings_.serial = Chance(8);
    const Dialect& dialect = DialectOf(settings_.layout);
    static const Strings levels = {"0", "6", "1", "3", "5", "S"};
    request_.level = levels[Number(levels.size())];
    request_.previous = Chance(4) ? "N" : levels[Number(levels.size())];
    for (int i = 0, count = 2 + Number(14); i < count; ++i)
      services_.push_back("s" + std::to_string(i));
    Fill(&tree_.level, LevelDirectory(dialect, request_.level));
    Fill(&tree_.previous, LevelDirectory(dialect, request_.previous));
    if (IsFinal(request_.level)) {
      tree_.level.links.push_back(Make((dialect.stops_s_links ? 'K' : 'S') + Digits() +
                                       (request_.level == "0" ? "halt" : "reboot")));
    }
    Sort(&tree_.level.links);
    Sort(&tree_.previous.links);
    for (const std::string& service : services_) {
      if (Chance(2)) tree_.locks.insert(service);
    }
    const bool rules = Chance(2);
    for (Depend* depend : {&tree_.depend_start, &tree_.depend_stop}) {
      *depend = ParseDepend("/etc/init.d/.depend", rules ? Rules() : std::string());
    }
  }

  const Tree& tree() const { return tree_; }
  const Settings& settings() const { return settings_; }
  const Request& request() const { return request_; }

 private:
  int Number(int below) { return std::uniform_int_distribution<>(0, below - 1)(random_); }
  bool Chance(int of) { return Number(of) == 0; }
  std::string Digits() { return std::to_string(10 + Number(90)); }
  const std::string& Any() { return services_[Number(services_.size())]; }

  static Link Make(const std::string& name) {
    return ParseLink(name, "../init.d/" + name.substr(3), {}, /*two_digits=*/false);
  }

  void Fill(LinkDirectory* directory, const std::string& path) {
    directory->path = path;
    directory->found = true;
    for (const std::string& service : services_) {
      for (const char letter : {'K', 'S'}) {
        for (int copies = Number(5) / 2; copies > 0; --copies) {
          Link link = Make(letter + Digits() + service);
          link.executable = !Chance(9);
          if (Chance(20)) link.kind = LinkKind::kDangling;
          directory->links.push_back(link);
        }
      }
    }
  }

  static void Sort(std::vector<Link>* links) {
    std::sort(links->begin(), links->end(),
              [](const Link& a, const Link& b) { return a.name < b.name; });
    links->erase(std::unique(links->begin(), links->end(),
                             [](const Link& a, const Link& b) { return a.name == b.name; }),
                 links->end());
  }

  std::string Rules() {
    std::string text = "TARGETS =";
    for (const std::string& service : services_) text += Chance(8) ? "" : " " + service;
    for (int i = Number(20); i > 0; --i) text += "\n" + Any() + ": " + Any() + " " + Any();
    return text + "\n";
  }

  std::mt19937 random_;
  Strings services_;
  Tree tree_;
  Settings settings_;
  Request request_;
};

/// The scripts that `index` waits for in its pass, directly or not.
std::set<std::string> WaitsFor(const Pass& pass, int index) {
  std::set<std::string> names;
  std::vector<Dependency> open = pass.scripts[index].after;
  while (!open.empty()) {
    const int at = open.back().script;
    open.pop_back();
    if (!names.insert(pass.scripts[at].service).second) continue;
    open.insert(open.end(), pass.scripts[at].after.begin(), pass.scripts[at].after.end());
  }
  return names;
}

/// Whether a warning of the plan says that `after` does not wait for `before`.
bool IsReported(const Plan& plan, const std::string& before, const std::string& after) {
  return std::any_of(plan.warnings.begin(), plan.warnings.end(), [&](const std::string& warning) {
    return warning.ends_with("; " + after + " does not wait for " + before);
  });
}

void CheckOnce(const Plan& plan) {
  for (const Pass& pass : plan.passes) {
    std::set<std::string> services;
    for (const Script& script : pass.scripts) CHECK(services.insert(script.service).second);
  }
}

const Script* Find(const Pass& pass, const std::string& service) {
  auto it = std::find_if(pass.scripts.begin(), pass.scripts.end(),
                         [&](const Script& script) { return script.service == service; });
  return it == pass.scripts.end() ? nullptr : &*it;
}

/// Checks that each edge of .depend between two scripts that run is kept or reported. A K link
/// never waits for an S link of the same pass.
void CheckDepend(const Plan& plan, const Pass& pass, const Depend& depend) {
  for (const DependRule& rule : depend.rules) {
    const Script* script = Find(pass, rule.name);
    if (!script) continue;
    const std::set<std::string> before = WaitsFor(pass, script - pass.scripts.data());
    for (const std::string& dep : rule.deps) {
      const Script* other = Find(pass, dep);
      if (!other || other == script || other->link[0] > script->link[0]) continue;
      CHECK(before.contains(dep) || IsReported(plan, dep, rule.name));
    }
  }
}

/// Checks that in a pass by name each script waits for the one before it, and in others .depend
/// counts.
void CheckEdges(const Dialect& dialect, const Tree& tree, const Plan& plan) {
  for (const Pass& pass : plan.passes) {
    const bool start = pass.action == Action::kStart;
    const bool by_name = dialect.serial != Serial::kNever &&
                         (plan.serial || (start && dialect.serial_start_levels.find(plan.level) !=
                                                       std::string_view::npos));
    for (size_t i = 0; by_name && i < pass.scripts.size(); ++i) {
      CHECK_EQ(pass.scripts[i].after.size(), i > 0 ? 1u : 0u);
      CHECK(i == 0 || pass.scripts[i].after[0].script == static_cast<int>(i) - 1);
    }
    if (by_name) continue;
    CheckDepend(plan, pass, start ? tree.depend_start : tree.depend_stop);
  }
}

/// Checks that level 0 and 6 have a hand-over, and that halt or reboot waits for all others.
void CheckEnd(const Plan& plan) {
  CHECK_EQ(plan.hand_over.empty(), !IsFinal(plan.level));
  if (!IsFinal(plan.level)) return;
  CHECK(!plan.passes.empty());
  const Pass& last = plan.passes.back();
  const int halt = static_cast<int>(last.scripts.size()) - 1;
  CHECK_EQ(last.scripts[halt].service, plan.level == "0" ? "halt" : "reboot");
  CHECK_EQ(WaitsFor(last, halt).size(), last.scripts.size() - 1);
}

}  // namespace

TEST("dialects: each layout has its row, with directories that differ from the others'") {
  CHECK_EQ(LevelDirectory(DialectOf(Layout::kDebian), "0"), "/etc/rc0.d");
  CHECK_EQ(LevelDirectory(DialectOf(Layout::kSuse), "5"), "/etc/init.d/rc5.d");
  CHECK_EQ(LevelDirectory(DialectOf(Layout::kSuse), "halt"), "/etc/init.d/boot.d");
  CHECK_EQ(LevelDirectory(DialectOf(Layout::kRedHat), "S"), "/etc/rc.d/rcS.d");
  for (Layout layout : kLayouts) {
    const Dialect& dialect = DialectOf(layout);
    CHECK(dialect.layout == layout);
    CHECK(IsLevel(dialect, "S") && IsLevel(dialect, "9"));
    CHECK(!IsLevel(dialect, "") && !IsLevel(dialect, "10") && !IsLevel(dialect, "#"));
    CHECK_EQ(IsLevel(dialect, "boot"), layout == Layout::kSuse);
    CHECK_EQ(IsLevel(dialect, "halt"), layout == Layout::kSuse);
  }
}

TEST("requests: argument, environment and utmp count in the dialect's order") {
  const std::map<std::string, std::string> init = {{"RUNLEVEL", "3"}, {"PREVLEVEL", "5"}};
  const MachineState utmp = {"2", "1", false};
  CHECK_EQ(Change(Layout::kDebian, "0", init, utmp), "0 after 5");
  CHECK_EQ(Change(Layout::kDebian, "", init, utmp), "3 after 5");
  CHECK_EQ(Change(Layout::kSuse, "0", init, utmp), "3 after 5");
  CHECK_EQ(Change(Layout::kSuse, "0", {}, utmp), "0 after N");
  CHECK_EQ(Change(Layout::kSuse, "halt", init, utmp), "halt after 5");
  CHECK_EQ(Change(Layout::kRedHat, "0", init, utmp), "0 after 1");
  CHECK_EQ(Change(Layout::kRedHat, "", init, utmp), "2 after 1");
  CHECK_EQ(Change(Layout::kRedHat, "", init), "3 after 5");
  CHECK_EQ(Change(Layout::kLfs, "", {}), " after N");
}

TEST("link names of two digits; the natural order of names") {
  auto split = [](const char* name) {
    return ParseLink(name, "../init.d/x", {}, /*two_digits=*/true).service;
  };
  CHECK_EQ(split("S01x"), "x");
  CHECK_EQ(split("S100x"), "0x");
  CHECK_EQ(split("S1x"), "");
  Strings names = {"S100a", "S10b", "S9c", "S010b", "S09d", "S10a10", "S10a9", "S10", "K99z"};
  std::sort(names.begin(), names.end(), NaturallyLess);
  CHECK_EQ(names,
           (Strings{"K99z", "S9c", "S09d", "S10", "S10a9", "S10a10", "S010b", "S10b", "S100a"}));
  for (const std::string& name : names) CHECK(!NaturallyLess(name, name));
}

TEST("plan, 1,000 random trees: each service once, each edge kept or reported, halt last") {
  for (unsigned seed = 0; seed < 1000; ++seed) {
    const RandomTree random(seed);
    const Plan plan = MakePlan(random.request(), random.settings(), random.tree());
    if (plan.unchanged) continue;
    CheckOnce(plan);
    CheckEdges(DialectOf(random.settings().layout), random.tree(), plan);
    CheckEnd(plan);
  }
}

}  // namespace dialect_test
