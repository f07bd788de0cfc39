// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/plan_dot.h"

#include "check.h"

namespace plan_dot_test {
using namespace curfew;

TEST("dot: boxes, arrows from direct dependencies, rules dashed, names quoted") {
  Plan plan;
  plan.level = "0";
  Script a, b, c;
  a.link = "K01a\"b\\";
  b.link = "K02b";
  b.after = {{0, EdgeSource::kDepend}};
  c.link = "K03c";
  c.after = {{0, EdgeSource::kDepend}, {1, EdgeSource::kEnd}};
  plan.passes = {{Action::kStop, {a, b, c}}, {Action::kStart, {a}}};
  CHECK_EQ(PlanDot(plan),
           "digraph plan {\n"
           "  compound=true;\n"
           "  rankdir=LR;\n"
           "  node [shape=box];\n"
           "  label=\"level 0\";\n"
           "  subgraph cluster_0 {\n"
           "    label=\"stop\";\n"
           "    s0_0 [label=\"K01a\\\"b\\\\x5C\"];\n"
           "    s0_1 [label=\"K02b\"];\n"
           "    s0_0 -> s0_1;\n"
           "    s0_2 [label=\"K03c\"];\n"
           "    s0_1 -> s0_2 [style=dashed];\n"
           "  }\n"
           "  subgraph cluster_1 {\n"
           "    label=\"start\";\n"
           "    s1_0 [label=\"K01a\\\"b\\\\x5C\"];\n"
           "  }\n"
           "  s0_2 -> s1_0 [style=dashed, ltail=cluster_0, lhead=cluster_1];\n"
           "}\n");
}

}  // namespace plan_dot_test
