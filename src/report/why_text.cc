// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/why_text.h"

#include <algorithm>
#include <set>
#include <utility>

#include "console/escape.h"
#include "console/plan_text.h"
#include "console/table.h"
#include "plan/direct.h"
#include "report/edge_words.h"
#include "text/similar.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr std::size_t kIndent = 2;

/// What stands in the plan below one name.
class WhyReport {
 public:
  WhyReport(const PlanView& view, const std::string& name, std::size_t width)
      : view_(view), plan_(view.change.plan), name_(name), width_(width) {}

  PlanOutput Output() {
    for (size_t number = 0; number < plan_.passes.size(); ++number) AddPass(number);
    for (const Omitted& omitted : plan_.omitted) {
      if (!Take(omitted.link, omitted.service)) continue;
      text_ += Escaped(omitted.link) + " does not run: " + Escaped(omitted.reason) + "\n";
    }
    for (const Unstopped& service : view_.unstopped) {
      if (Take(service.service, service.service)) AddUnstopped(service);
    }
    if (!text_.empty()) return {std::move(text_), ""};
    std::string error = Escaped(name_) + ": not in the plan of level " + Escaped(plan_.level);
    const std::vector<std::string> similar = Similar(name_, known_);
    for (const std::string& other : similar) {
      error += (&other == &similar[0] ? "; did you mean " : ", ") + Escaped(other);
    }
    return {"", error + (similar.empty() ? "; no link of it leads there" : "?")};
  }

 private:
  /// Whether these names of a script are asked for.
  bool Take(const std::string& link, const std::string& service) {
    if (!service.empty()) known_.insert(service);
    return link == name_ || (service == name_ && !name_.empty());
  }

  void AddUnstopped(const Unstopped& service) {
    text_ += Folded(Escaped(service.service) + " does not run: level " + plan_.level +
                        " has no link of it; the kill stage ends " + ProcessesText(service),
                    width_, kIndent);
  }

  void AddPass(size_t number) {
    const Pass& pass = plan_.passes[number];
    std::vector<std::vector<Dependency>> direct;
    for (size_t i = 0; i < pass.scripts.size(); ++i) {
      if (!Take(pass.scripts[i].link, pass.scripts[i].service)) continue;
      if (direct.empty()) direct = DirectDependencies(pass);
      text_ += ScriptText(view_, pass.scripts[i], width_);
      AddBefore(number, i, direct[i]);
      AddAfter(pass, i, direct);
    }
  }

  /// What the script waits for, and what else has ended by then.
  void AddBefore(size_t number, size_t script, const std::vector<Dependency>& direct) {
    const Pass& pass = plan_.passes[number];
    std::vector<Row> rows;
    if (number > 0) rows.push_back({"all above", "rule: one pass after the other"});
    std::vector<bool> before = AllBefore(pass, script);
    for (const Dependency& dependency : direct) {
      before[static_cast<size_t>(dependency.script)] = false;
      rows.push_back({Name(pass, dependency.script), EdgeReason(dependency.source, pass)});
    }
    AddRows(rows, "waits for nothing", "waits for:");
    std::string others;
    for (size_t i = 0; i < script; ++i) {
      if (before[i]) others += (others.empty() ? "" : ", ") + Name(pass, static_cast<int>(i));
    }
    if (!others.empty()) {
      text_ += "  " + Folded("and with these for " + others, width_, 2 * kIndent, kIndent);
    }
  }

  /// Which scripts end before this one begins.
  static std::vector<bool> AllBefore(const Pass& pass, size_t script) {
    std::vector<bool> before(script + 1);
    before[script] = true;
    for (size_t i = script + 1; i-- > 0;) {
      if (!before[i]) continue;
      for (const Dependency& one : pass.scripts[i].after) {
        before[static_cast<size_t>(one.script)] = true;
      }
    }
    return before;
  }

  void AddAfter(const Pass& pass, size_t script,
                const std::vector<std::vector<Dependency>>& direct) {
    std::vector<Row> rows;
    for (size_t i = script + 1; i < direct.size(); ++i) {
      for (const Dependency& before : direct[i]) {
        if (static_cast<size_t>(before.script) != script) continue;
        rows.push_back({Name(pass, static_cast<int>(i)), EdgeReason(before.source, pass)});
      }
    }
    AddRows(rows, "nothing waits for it", "what waits for it:");
  }

  void AddRows(const std::vector<Row>& rows, const char* none, const char* title) {
    text_ += std::string(rows.empty() ? none : title) + "\n" + Table(rows, width_);
  }

  static std::string Name(const Pass& pass, int script) {
    return Escaped(pass.scripts[static_cast<size_t>(script)].service);
  }

  const PlanView& view_;
  const Plan& plan_;
  const std::string& name_;
  const std::size_t width_;
  std::set<std::string> known_;  ///< the services that the plan names
  std::string text_;
};

}  // namespace

PlanOutput WhyText(const PlanView& view, const std::string& name, std::size_t width) {
  return WhyReport(view, name, width).Output();
}

}  // namespace curfew
