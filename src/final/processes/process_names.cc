// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/process_names.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace curfew {
namespace {

/// A line of the kernel's log, which may be all that keeps the text, takes 1,000 bytes. A name has
/// at most 15.
constexpr std::size_t kMostNames = 32;

}  // namespace

void ProcessNames::Add(const ProcessNames& others) {
  for (const auto& [name, count] : others.counts_) counts_[name] += count;
}

int ProcessNames::Count() const {
  int sum = 0;
  for (const auto& [name, count] : counts_) sum += count;
  return sum;
}

std::string ProcessNames::Text() const {
  std::vector<std::pair<std::string, int>> names(counts_.begin(), counts_.end());
  if (names.size() > kMostNames)
    std::stable_sort(names.begin(), names.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i) {
    const auto& [name, count] = names[i];
    text += (i > 0 ? ", " : "") + name;
    if (count > 1) text += " (" + std::to_string(count) + ")";
  }
  const std::size_t left = names.size() - std::min(names.size(), kMostNames);
  return left > 0 ? text + " and " + std::to_string(left) + " more names" : text;
}

}  // namespace curfew
