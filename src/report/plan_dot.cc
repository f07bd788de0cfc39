// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/plan_dot.h"

#include "console/escape.h"
#include "plan/direct.h"

namespace curfew {
namespace {

/// `text` as a string of the DOT language: a quote needs a backslash, and so that a backslash is
/// no escape of dot's, so does that.
std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : Escaped(text)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string Node(size_t pass, size_t script) {
  return "s" + std::to_string(pass) + "_" + std::to_string(script);
}

bool IsRule(EdgeSource source) {
  return source >= EdgeSource::kEnd;
}

std::string PassDot(const Pass& pass, size_t number) {
  std::string text = "  subgraph cluster_" + std::to_string(number) +
                     " {\n    label=" + Quoted(ActionWord(pass.action)) + ";\n";
  const auto direct = DirectDependencies(pass);
  for (size_t i = 0; i < pass.scripts.size(); ++i) {
    text += "    " + Node(number, i) + " [label=" + Quoted(pass.scripts[i].link) + "];\n";
    for (const Dependency& before : direct[i]) {
      text += "    " + Node(number, static_cast<size_t>(before.script)) + " -> " + Node(number, i);
      text += IsRule(before.source) ? " [style=dashed];\n" : ";\n";
    }
  }
  return text + "  }\n";
}

}  // namespace

std::string PlanDot(const Plan& plan) {
  std::string text = "digraph plan {\n  compound=true;\n  rankdir=LR;\n  node [shape=box];\n";
  text += "  label=" + Quoted("level " + plan.level) + ";\n";
  for (size_t i = 0; i < plan.passes.size(); ++i) text += PassDot(plan.passes[i], i);
  // A pass begins when the one before has ended.
  for (size_t i = 1; i < plan.passes.size(); ++i) {
    text += "  " + Node(i - 1, plan.passes[i - 1].scripts.size() - 1) + " -> " + Node(i, 0) +
            " [style=dashed, ltail=cluster_" + std::to_string(i - 1) + ", lhead=cluster_" +
            std::to_string(i) + "];\n";
  }
  return text + "}\n";
}

}  // namespace curfew
