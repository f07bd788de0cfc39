// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/critical_chain.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "report/verdict.h"

namespace curfew {
namespace {

/// rc starts what may start some milliseconds after the end that it waited for; on a busy machine
/// some tens.
constexpr long long kPrompt = 100000;

class Finder {
 public:
  explicit Finder(const RecordedRun& run) : run_(run) {
    for (const RecordedScript& script : run.scripts) {
      if (!script.start_us || !script.end_us) continue;
      ended_.push_back(&script);
      by_name_[{script.service, script.action}] = &script;
    }
    std::stable_sort(ended_.begin(), ended_.end(),
                     [](const auto* a, const auto* b) { return *a->end_us < *b->end_us; });
  }

  std::vector<ChainStep> Find() {
    const RecordedScript* script = Last();
    AddStages(script);
    // Times that run backwards must not lead in a circle.
    std::set<const RecordedScript*> seen;
    while (script && seen.insert(script).second) script = AddScript(*script);
    return std::move(steps_);
  }

 private:
  /// The script that the end of the script phase waited for.
  const RecordedScript* Last() const {
    const auto running = WaitedFor(run_);
    if (!run_.scripts_end && run_.stages.empty() && !running.empty()) return running.front();
    return ended_.empty() ? nullptr : ended_.back();
  }

  void AddStages(const RecordedScript* last) {
    for (auto stage = run_.stages.rbegin(); stage != run_.stages.rend(); ++stage) {
      ChainStep& step = steps_.emplace_back();
      step.name = stage->name;
      step.stage = true;
      step.running = !stage->took_us;
      step.begin_us = stage->start_us;
      step.took_us = stage->took_us.value_or(UntilEnd(stage->start_us));
      step.why = ChainStep::Why::kStages;
      const auto before = std::next(stage);
      if (before != run_.stages.rend()) {
        step.before = before->name;
        step.late_us =
            std::max(0LL, stage->start_us - before->start_us - before->took_us.value_or(0));
      } else if (last) {
        step.first_stage = true;
        step.before = last->service;
        step.late_us = std::max(0LL, stage->start_us - *last->end_us);
      }
    }
  }

  long long UntilEnd(long long start) const {
    return std::max(0LL, run_.last_us.value_or(start) - start);
  }

  /// Returns the script that this one waited for.
  const RecordedScript* AddScript(const RecordedScript& script) {
    const long long start = *script.start_us;
    ChainStep& step = steps_.emplace_back();
    step.name = script.service;
    step.running = !script.end_us;
    step.begin_us = start;
    step.took_us = script.DurationUs().value_or(UntilEnd(start));
    const RecordedScript* before = WaitedForBy(script, &step.why);
    if (!before) return nullptr;
    step.before = before->service;
    step.late_us = start - *before->end_us;
    return before;
  }

  /// The script for whose end `script` waited before it began; nullptr: for none.
  const RecordedScript* WaitedForBy(const RecordedScript& script, ChainStep::Why* why) const {
    const long long start = *script.start_us;
    const RecordedScript* dependency = Dependency(script);
    *why = ChainStep::Why::kDependency;
    if (dependency && start - *dependency->end_us <= kPrompt) return dependency;
    *why = ChainStep::Why::kFromStart;
    if (!dependency && start - run_.begin_us.value_or(start) <= kPrompt) return nullptr;
    const RecordedScript* turn = EndedBefore(start);
    *why = turn && turn != dependency ? ChainStep::Why::kTurn
           : dependency               ? ChainStep::Why::kDependency
                                      : ChainStep::Why::kUnknown;
    return turn;
  }

  /// Of those that the script waits for by the plan, the one that ended last before it began.
  const RecordedScript* Dependency(const RecordedScript& script) const {
    const RecordedScript* last = nullptr;
    for (const std::string& service : script.after) {
      const auto found = by_name_.find({service, script.action});
      if (found == by_name_.end() || *found->second->end_us > *script.start_us) continue;
      if (!last || *found->second->end_us > *last->end_us) last = found->second;
    }
    return last;
  }

  /// The last of all that ended until `time`.
  const RecordedScript* EndedBefore(long long time) const {
    const auto at = std::upper_bound(
        ended_.begin(), ended_.end(), time,
        [](long long limit, const RecordedScript* one) { return limit < *one->end_us; });
    return at == ended_.begin() ? nullptr : *std::prev(at);
  }

  const RecordedRun& run_;
  std::vector<const RecordedScript*> ended_;  ///< in the order of their ends
  std::map<std::pair<std::string_view, std::string_view>, const RecordedScript*> by_name_;
  std::vector<ChainStep> steps_;
};

}  // namespace

std::vector<ChainStep> CriticalChain(const RecordedRun& run) {
  return Finder(run).Find();
}

}  // namespace curfew
