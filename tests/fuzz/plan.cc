// SPDX-License-Identifier: GPL-2.0-or-later
// What decides the order of scripts. What is parsed and written again has to parse to the same.
#include "fuzz.h"
#include "plan/depend.h"
#include "plan/dpkg_record.h"
#include "plan/link_name.h"
#include "plan/lsb.h"
#include "plan/stock_scripts.h"
#include "text/text.h"

namespace curfew::plan_fuzz {

static std::string List(const std::string& before, const std::vector<std::string>& names,
                        const std::string& mark = "") {
  std::string line = before;
  for (const std::string& name : names) line += " " + mark + name;
  return line + "\n";
}

FUZZ("depend", text) {
  const Depend first = ParseDepend("f", text);
  HOLDS(first.warnings.size() <= 7);
  std::string again = List("TARGETS =", first.targets) + List("INTERACTIVE =", first.interactive);
  for (const DependRule& rule : first.rules) again += List(rule.name + ":", rule.deps);
  const Depend second = ParseDepend("f", again);
  HOLDS(second.targets == first.targets && second.interactive == first.interactive);
  HOLDS(second.rules.size() == first.rules.size());
  for (std::size_t i = 0; i < first.rules.size(); ++i)
    HOLDS(second.rules[i].name == first.rules[i].name &&
          second.rules[i].deps == first.rules[i].deps);
}

FUZZ("header", script) {
  HOLDS(FindHeader(script).size() <= script.size());
  HOLDS(ScriptDigest(script).size() == 32);
  const Header first = ParseHeader(script);
  if (!first.found) return;
  // insserv takes the "+" off a name.
  const std::string again = "### BEGIN INIT INFO\n" + List("# Provides:", first.provides, "+") +
                            List("# Required-Start:", first.required_start, "+") +
                            List("# Should-Start:", first.should_start, "+") +
                            List("# Required-Stop:", first.required_stop, "+") +
                            List("# Should-Stop:", first.should_stop, "+") +
                            List("# X-Start-Before:", first.start_before, "+") +
                            List("# X-Stop-After:", first.stop_after, "+") +
                            (first.interactive ? "# X-Interactive: true\n" : "") +
                            "### END INIT INFO\n";
  const Header second = ParseHeader(again);
  HOLDS(second.found && second.provides == first.provides);
  HOLDS(second.required_start == first.required_start && second.should_start == first.should_start);
  HOLDS(second.required_stop == first.required_stop && second.should_stop == first.should_stop);
  HOLDS(second.start_before == first.start_before && second.stop_after == first.stop_after);
  HOLDS(second.interactive == first.interactive);
}

FUZZ("facilities", text) {
  std::vector<std::string> warnings;
  const Facilities first = ParseFacilities({{"f", std::string(text)}}, &warnings);
  std::string again;
  for (const auto& [name, names] : first) again += List(name + " =", names, "+");
  warnings.clear();
  HOLDS(ParseFacilities({{"f", again}}, &warnings) == first && warnings.empty());
}

/// Three names, and what they lead to, in lines of their own.
FUZZ("link-name", text) {
  const std::vector<std::string_view> lines = Lines(text);
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    if (!lines[i].starts_with('K') && !lines[i].starts_with('S')) continue;
    for (const bool two_digits : {false, true}) {
      const Link link = ParseLink(std::string(lines[i]), std::string(lines[i + 1]),
                                  {std::string(lines.back())}, two_digits);
      HOLDS(link.number >= 0 && link.name.ends_with(link.service));
      HOLDS(link.service.size() < link.name.size());
    }
  }
  // What sorts has to be an order.
  if (lines.size() < 3) return;
  const auto less = NaturallyLess;
  const auto a = lines[0], b = lines[1], c = lines[2];
  HOLDS(!less(a, a) && !(less(a, b) && less(b, a)));
  HOLDS(!(less(a, b) && less(b, c)) || less(a, c));
  HOLDS(less(a, b) || less(b, a) || a == b);
}

FUZZ("dpkg-status", text) {
  const std::set<std::string> paths{"/etc/init.d/halt", "/etc/init.d/umountfs"};
  for (const Conffile& file : ParseConffiles(text, paths))
    HOLDS(paths.contains(file.path) && file.md5.size() == 32);
}

}  // namespace curfew::plan_fuzz
