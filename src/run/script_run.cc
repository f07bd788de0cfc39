// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/script_run.h"

namespace curfew {

std::vector<ScriptRun> MakeRuns(const Plan& plan) {
  std::vector<ScriptRun> runs;
  for (const Pass& pass : plan.passes) {
    const size_t first = runs.size();
    for (const Script& script : pass.scripts) {
      ScriptRun& run = runs.emplace_back();
      run.script = &script;
      run.id = static_cast<int>(runs.size()) - 1;
      run.open = script.after.size();
      for (const int before : script.after)
        runs[first + static_cast<size_t>(before)].next.push_back(run.id);
    }
  }
  return runs;
}

}  // namespace curfew
