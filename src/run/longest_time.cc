// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/longest_time.h"

#include <algorithm>
#include <vector>

namespace curfew {
namespace {

using std::chrono::seconds;
/// A limit of a script; 0: none.
using LimitOf = seconds (*)(const Script&);

/// The whole time limits a script that makes no progress, too.
seconds Quiet(const Script& script) {
  if (script.limit.count() == 0) return script.limit_hard;
  return script.limit_hard.count() == 0 ? script.limit : std::min(script.limit, script.limit_hard);
}

seconds InAll(const Script& script) {
  return script.limit_hard;
}

/// The longest way through the pass. A script may end just before its limit: then it is not
/// overdue, and shortens the limit of no other. Where not all scripts may run at a time, the sum
/// of all: at least one of them runs.
seconds LongestOf(const Pass& pass, int jobs, LimitOf limit) {
  seconds longest{0};
  seconds sum{0};
  std::vector<seconds> ends;
  for (const Script& script : pass.scripts) {
    const seconds own = script.interactive ? seconds(0) : limit(script);
    seconds begin{0};
    for (const Dependency& before : script.after) begin = std::max(begin, ends[before.script]);
    ends.push_back(begin + own);
    longest = std::max(longest, ends.back());
    sum += own;
  }
  return static_cast<int>(pass.scripts.size()) <= jobs ? longest : sum;
}

/// Scripts with the console run alone, and the budget does not end them.
seconds OnConsole(const Pass& pass) {
  seconds sum{0};
  for (const Script& script : pass.scripts) {
    if (script.interactive) sum += script.limit_hard;
  }
  return sum;
}

bool HasLimit(const Script& script) {
  return script.kind != ScriptKind::kScript || Quiet(script).count() > 0;
}

}  // namespace

LongestTime LongestTimeOf(const Plan& plan, seconds budget, int jobs) {
  LongestTime time;
  seconds console{0};
  for (const Pass& pass : plan.passes) {
    time.quiet += LongestOf(pass, plan.serial ? 1 : jobs, Quiet);
    time.in_all += LongestOf(pass, plan.serial ? 1 : jobs, InAll);
    console += OnConsole(pass);
    time.unlimited |= !std::all_of(pass.scripts.begin(), pass.scripts.end(), HasLimit);
  }
  if (plan.down && budget.count() > 0) {
    time.quiet = std::min(time.quiet, budget);
    time.in_all = std::min(time.in_all, 2 * budget);
  }
  time.quiet += console;
  time.in_all += console;
  return time;
}

}  // namespace curfew
