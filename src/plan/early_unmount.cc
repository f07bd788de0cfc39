// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/early_unmount.h"

#include <algorithm>
#include <numeric>
#include <string_view>

#include "plan/dialect.h"
#include "plan/graph.h"

namespace curfew {
namespace {

/// What comes after the stage: carriers, what ends all processes, and what waits for one of them.
std::vector<bool> Later(const std::vector<Script>& scripts,
                        const std::vector<std::string_view>& killers) {
  std::vector<bool> later(scripts.size());
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    const Script& script = scripts[i];
    const bool kills = std::find(killers.begin(), killers.end(), script.service) != killers.end();
    later[i] = kills || CarriesNetwork(script.service) || script.kind == ScriptKind::kHandOver ||
               std::any_of(script.after.begin(), script.after.end(),
                           [&](int before) { return later[before]; });
  }
  return later;
}

/// Those that no other waits for, of all that comes before the stage.
std::vector<int> LastBefore(const std::vector<Script>& scripts, std::vector<bool> later) {
  std::vector<std::vector<int>> after;
  for (const Script& script : scripts) after.push_back(script.after);
  later.flip();
  return LastOf(later, after);
}

Script Stage(const std::vector<Script>& scripts) {
  Script stage;
  stage.service = stage.link = stage.stages = "early-unmount-network";
  stage.kind = ScriptKind::kNativeStage;
  for (const Script& script : scripts)
    stage.importance = std::max(stage.importance, script.importance);
  return stage;
}

}  // namespace

void AddEarlyUnmount(const std::vector<std::string_view>& killers, Pass* pass) {
  std::vector<Script>& scripts = pass->scripts;
  const auto carries = [](const Script& script) { return CarriesNetwork(script.service); };
  if (std::none_of(scripts.begin(), scripts.end(), carries)) return;
  const std::vector<bool> later = Later(scripts, killers);
  Script stage = Stage(scripts);
  stage.after = LastBefore(scripts, later);
  const int new_index = static_cast<int>(scripts.size());
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    std::vector<int>& after = scripts[i].after;
    const bool first =
        later[i] && std::none_of(after.begin(), after.end(), [&](int b) { return later[b]; });
    if (first) after.push_back(new_index);
  }
  scripts.push_back(std::move(stage));

  // The others keep their order: first what is not later, then the stage, then the rest.
  std::vector<int> sequence(scripts.size());
  std::iota(sequence.begin(), sequence.end(), 0);
  std::stable_sort(sequence.begin(), sequence.end(), [&](int a, int b) {
    const auto rank = [&](int i) { return i == new_index ? 1 : later[i] ? 2 : 0; };
    return rank(a) < rank(b);
  });
  std::vector<int> place(scripts.size());
  std::vector<Script> sorted;
  for (std::size_t i = 0; i < sequence.size(); ++i) place[sequence[i]] = static_cast<int>(i);
  for (const int i : sequence) {
    for (int& before : scripts[i].after) before = place[before];
    std::sort(scripts[i].after.begin(), scripts[i].after.end());
    sorted.push_back(std::move(scripts[i]));
  }
  scripts = std::move(sorted);
}

}  // namespace curfew
