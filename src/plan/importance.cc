// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/importance.h"

#include <algorithm>

#include "plan/graph.h"

namespace curfew {
namespace {

/// startpar's own numbers.
int ByName(const std::string& service) {
  if (service.starts_with("early")) return 8000;
  if (service == "sshd") return 2000;
  const bool display = service == "xdm" || service.starts_with("gdm") || service.starts_with("kdm");
  return display || service == "udev" ? 100 : 0;
}

}  // namespace

std::vector<int> Importance(const std::vector<Member>& members,
                            const std::vector<std::vector<int>>& after) {
  static constexpr int kLongestChain = 99999;
  std::vector<int> base(members.size()), chain(members.size());
  for (size_t i = 0; i < members.size(); ++i) base[i] = ByName(members[i].service);
  const std::vector<int> sequence = Sequence(after, std::vector<int>(members.size()));
  for (auto it = sequence.rbegin(); it != sequence.rend(); ++it) {
    for (int before : after[*it]) {
      base[before] = std::max(base[before], base[*it]);
      chain[before] = std::max(chain[before], std::min(chain[*it] + 1, kLongestChain));
    }
  }
  std::vector<int> importance(members.size());
  for (size_t i = 0; i < members.size(); ++i) {
    importance[i] = base[i] * (kLongestChain + 1) + chain[i];
  }
  return importance;
}

}  // namespace curfew
