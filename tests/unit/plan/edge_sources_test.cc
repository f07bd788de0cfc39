// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/edge_sources.h"

#include <map>

#include "check.h"
#include "plan/link_name.h"
#include "plan/tree.h"

namespace edge_sources_test {
using namespace curfew;
using Strings = std::vector<std::string>;

namespace {

Tree TreeOf(const Strings& links, const std::string& depend) {
  Tree tree;
  tree.level.path = "/etc/rc0.d";
  tree.level.found = true;
  for (const std::string& name : links) {
    tree.level.links.push_back(ParseLink(name, "../init.d/" + name.substr(3), {}, false));
  }
  tree.depend_stop = ParseDepend("/etc/init.d/.depend.stop", depend);
  return tree;
}

/// "a b: depend" for each edge of level 0: b waits for a, since a .depend file says so.
Strings SourcesOf(const Tree& tree, const Settings& settings = {}) {
  static const std::map<EdgeSource, std::string> words = {
      {EdgeSource::kDepend, "depend"},
      {EdgeSource::kHeader, "header"},
      {EdgeSource::kNumber, "number"},
      {EdgeSource::kThrough, "through"},
      {EdgeSource::kEnd, "end"},
      {EdgeSource::kStopByS, "stop by S"},
      {EdgeSource::kPower, "power"},
      {EdgeSource::kEarlyUnmount, "early unmount"},
      {EdgeSource::kOneByOne, "one by one"}};
  Strings edges;
  for (const Pass& pass : MakePlan({"0", "2", "", {}}, settings, tree).passes) {
    for (const Script& script : pass.scripts) {
      for (const Dependency& before : script.after) {
        edges.push_back(pass.scripts[before.script].service + " " + script.service + ": " +
                        words.at(before.source));
      }
    }
  }
  return edges;
}

}  // namespace

TEST("edges: a .depend file, a header and the numbers of links are told apart") {
  CHECK_EQ(SourcesOf(TreeOf({"K01a", "K02b"}, "TARGETS = a b\nb: a\n")), Strings{"a b: depend"});
  Tree tree = TreeOf({"K01a", "K01b"}, "");
  tree.headers["b"] = "### BEGIN INIT INFO\n# Required-Stop: a\n### END INIT INFO\n";
  tree.headers["a"] = "### BEGIN INIT INFO\n# Required-Stop:\n### END INIT INFO\n";
  CHECK_EQ(SourcesOf(tree), Strings{"b a: header"});
  CHECK_EQ(SourcesOf(TreeOf({"K01a", "K02b"}, "")), Strings{"a b: number"});
}

TEST("edges: what goes by way of a service that does not run is called so") {
  Settings settings;
  settings.skip = {"b"};
  const Tree tree = TreeOf({"K01a", "K02b", "K03c"}, "TARGETS = a b c\nb: a\nc: b\n");
  CHECK_EQ(SourcesOf(tree, settings), Strings{"a c: through"});
}

TEST("edges: rules place the ends, S links, halt and the early unmount") {
  CHECK_EQ(
      SourcesOf(
          TreeOf({"K01a", "K02sendsigs", "S10x", "S90halt"}, "TARGETS = a sendsigs x halt\n")),
      (Strings{"a x: stop by S", "a sendsigs: end", "x sendsigs: end",
               "sendsigs until-power: power", "sendsigs halt: power", "until-power halt: power"}));
  CHECK_EQ(SourcesOf(TreeOf({"K01a", "K02networking"}, "TARGETS = a networking\n")),
           (Strings{"a early-unmount-network: early unmount",
                    "early-unmount-network networking: early unmount"}));
}

TEST("edges: one at a time by name or by number") {
  Tree tree = TreeOf({"K01a", "K02b"}, "");
  tree.legacy_order = true;
  CHECK_EQ(SourcesOf(tree), Strings{"a b: number"});
  Settings settings;
  settings.layout = Layout::kRedHat;
  tree.legacy_order = false;
  tree.locks = {"a", "b"};
  CHECK_EQ(SourcesOf(tree, settings), Strings{"a b: one by one"});
}

}  // namespace edge_sources_test
