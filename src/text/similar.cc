// SPDX-License-Identifier: GPL-2.0-or-later
#include "text/similar.h"

#include <algorithm>
#include <utility>

namespace curfew {
namespace {

constexpr size_t kMost = 3;
/// More slips than a third of a name make another name.
constexpr size_t kSlips = 3;

/// Bytes. A longer name is none of a file.
constexpr size_t kLongest = 255;

/// How many characters to insert, to remove or to replace, or neighbours to swap, make `b` of `a`.
size_t Distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const size_t replaced = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

bool Holds(const std::string& longer, const std::string& part) {
  return part.size() >= kSlips && longer.find(part) != longer.npos;
}

}  // namespace

std::vector<std::string> Similar(const std::string& name, const std::set<std::string>& names) {
  std::vector<std::pair<size_t, std::string>> found;
  if (name.size() > kLongest) return {};
  for (const std::string& other : names) {
    if (other.size() > kLongest) continue;
    const size_t distance = Distance(name, other);
    const size_t longest = std::max(name.size(), other.size());
    if (distance * kSlips <= longest || Holds(name, other) || Holds(other, name)) {
      found.push_back({distance, other});
    }
  }
  std::sort(found.begin(), found.end());
  found.resize(std::min(found.size(), kMost));
  std::vector<std::string> similar;
  for (auto& [distance, other] : found) similar.push_back(std::move(other));
  return similar;
}

}  // namespace curfew
