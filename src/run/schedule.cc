// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/schedule.h"

namespace curfew {

Schedule::Schedule(const std::vector<Script>& scripts)
    : nodes_(scripts.size()), unfinished_(scripts.size()) {
  for (size_t i = 0; i < scripts.size(); ++i) {
    nodes_[i].importance = scripts[i].importance;
    nodes_[i].open = scripts[i].after.size();
    for (const int before : scripts[i].after) nodes_[static_cast<size_t>(before)].next.push_back(i);
    if (nodes_[i].open == 0) Add(i);
  }
}

void Schedule::Finish(size_t index) {
  --unfinished_;
  for (const size_t next : nodes_[index].next) {
    if (--nodes_[next].open == 0) Add(next);
  }
}

}  // namespace curfew
