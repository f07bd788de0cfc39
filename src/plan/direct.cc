// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/direct.h"

#include <algorithm>
#include <cstdint>

namespace curfew {
namespace {

/// A set of the scripts of one pass.
class ScriptSet {
 public:
  explicit ScriptSet(size_t scripts) : words_((scripts + 63) / 64) {}

  bool Has(int script) const { return (words_[script / 64] >> (script % 64) & 1) != 0; }
  void Add(int script) { words_[script / 64] |= std::uint64_t{1} << (script % 64); }
  void Add(const ScriptSet& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }

 private:
  std::vector<std::uint64_t> words_;
};

bool LaterFirst(const Dependency& a, const Dependency& b) {
  return a.script > b.script;
}

}  // namespace

std::vector<std::vector<Dependency>> DirectDependencies(const Pass& pass) {
  const size_t count = pass.scripts.size();
  std::vector<std::vector<Dependency>> direct(count);
  // For each script all that ends before it begins.
  std::vector<ScriptSet> before(count, ScriptSet(count));
  for (size_t i = 0; i < count; ++i) {
    std::vector<Dependency> after = pass.scripts[i].after;
    // A script has a smaller index than what waits for it: what covers another comes first.
    std::sort(after.begin(), after.end(), LaterFirst);
    for (const Dependency& dependency : after) {
      const int script = dependency.script;
      if (before[i].Has(script)) continue;
      direct[i].push_back(dependency);
      before[i].Add(script);
      before[i].Add(before[script]);
    }
    std::reverse(direct[i].begin(), direct[i].end());
  }
  return direct;
}

}  // namespace curfew
