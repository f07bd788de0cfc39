// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/show_plan.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "console/escape.h"
#include "run/state_files.h"

namespace curfew {
namespace {

std::string InEnvironment(const char* name) {
  const char* value = getenv(name);
  return value ? value : "";
}

void Print(const std::string& text, FILE* file) {
  fwrite(text.data(), 1, text.size(), file);
}

/// Why there is no plan; empty: there is one.
std::string WhyNone(const LevelChange& change) {
  const std::string& level = change.request.level;
  if (level.empty()) return "no LEVEL, and RUNLEVEL is not set; it is 0 to 9 or S";
  if (!IsLevel(DialectOf(change.settings.layout), level)) {
    return "no level: " + Escaped(level) + " (0 to 9 or S)";
  }
  if (!change.unreadable.empty()) return Escaped(change.unreadable) + "; there is no plan";
  return "";
}

}  // namespace

int ShowPlan(Kernel& kernel, const std::string& program, const std::string& root,
             const std::string& level, const std::function<PlanOutput(const PlanView&)>& print) {
  const auto fail = [&](const std::string& why) {
    return Print(program + ": " + why + "\n", stderr), 1;
  };
  if (!root.empty() && access(root.c_str(), X_OK) != 0) {
    return fail(Escaped(root) + ": " + LastError().message());
  }
  const StateFiles files(kernel, root);
  LevelChange change = PlanFor(kernel, root, level == "s" ? "S" : level, InEnvironment,
                               {files.Stopped(), files.LevelLeft()}, PlanCaller::kPerson);
  if (const std::string why = WhyNone(change); !why.empty()) return fail(why);
  const PlanView view = ViewPlan(kernel, root, std::move(change));
  const PlanOutput output = print(view);
  if (!output.error.empty()) return fail(output.error);
  for (const std::string& warning : view.change.plan.warnings) {
    Print(program + ": " + Escaped(warning) + "\n", stderr);
  }
  Print(output.text, stdout);
  return fflush(stdout) == 0 ? 0 : fail("stdout: " + LastError().message());
}

}  // namespace curfew
