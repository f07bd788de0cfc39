// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/direct.h"

#include <algorithm>
#include <ctime>
#include <random>

#include "check.h"
#include "plan/graph.h"

namespace direct_test {
using namespace curfew;

namespace {

using Lists = std::vector<std::vector<int>>;

Pass PassOf(const Lists& after) {
  Pass pass;
  for (const std::vector<int>& list : after) {
    Script& script = pass.scripts.emplace_back();
    for (const int before : list) script.after.push_back({before});
  }
  return pass;
}

/// The indices of the direct dependencies.
Lists Direct(const Lists& after) {
  Lists direct;
  for (const std::vector<Dependency>& list : DirectDependencies(PassOf(after))) {
    direct.emplace_back();
    for (const Dependency& before : list) direct.back().push_back(before.script);
  }
  return direct;
}

/// Scripts of which each waits for some of those before it.
Lists RandomLists(std::mt19937& random, int scripts, int one_in) {
  Lists after(scripts);
  for (int i = 0; i < scripts; ++i) {
    for (int before = 0; before < i; ++before) {
      if (random() % one_in == 0) after[i].push_back(before);
    }
    std::shuffle(after[i].begin(), after[i].end(), random);
  }
  return after;
}

}  // namespace

TEST("what another dependency waits for is no direct dependency") {
  CHECK_EQ(Direct({{}, {0}, {0, 1}, {}, {0, 1, 2, 3}}), (Lists{{}, {0}, {1}, {}, {2, 3}}));
}

TEST("a pass without scripts has no dependencies, and one that is listed twice counts once") {
  CHECK_EQ(Direct({}), Lists{});
  CHECK_EQ(Direct({{}, {0, 0}}), (Lists{{}, {0}}));
}

TEST("direct dependencies order as all do, and none of them can go") {
  std::mt19937 random(7);
  for (int round = 0; round < check::Rounds(300); ++round) {
    const Lists after = RandomLists(random, 1 + random() % 90, 1 + random() % 9);
    const Lists direct = Direct(after);
    for (size_t i = 0; i < after.size(); ++i) {
      CHECK(std::is_sorted(direct[i].begin(), direct[i].end()));
      CHECK_EQ(Reached(direct, i), Reached(after, i));
      for (const int one : direct[i]) {
        Lists without = direct;
        std::erase(without[i], one);
        CHECK(!Reached(without, i)[one]);
      }
    }
  }
}

TEST("1,000 scripts with 50,000 dependencies take less than a second of CPU") {
  std::mt19937 random(7);
  const Pass pass = PassOf(RandomLists(random, 1000, 10));
  const std::clock_t begin = std::clock();
  CHECK_EQ(DirectDependencies(pass).size(), 1000u);
  // Builds that are slow are ten times as slow.
  CHECK(std::clock() - begin < check::kStep * CLOCKS_PER_SEC);
}

}  // namespace direct_test
