// SPDX-License-Identifier: GPL-2.0-or-later
#include "text/similar.h"

#include "check.h"

namespace similar_test {
using namespace curfew;
using Strings = std::vector<std::string>;

TEST("similar: a slip, swapped letters and parts of a name are found, the nearest first") {
  const std::set<std::string> names = {"cups", "cups-browsed", "cron", "ssh", "sendsigs", "a"};
  CHECK_EQ(Similar("cpus", names), (Strings{"cups"}));
  CHECK_EQ(Similar("cup", names), (Strings{"cups", "cups-browsed"}));
  CHECK_EQ(Similar("sshd", names), (Strings{"ssh"}));
  CHECK_EQ(Similar("cupsd-b", {"cups", "cupsd-ab"}), (Strings{"cupsd-ab", "cups"}));
  CHECK_EQ(Similar("browsed", names), (Strings{"cups-browsed"}));
}

TEST("similar: another name, an empty one and a long list make no guess, or three") {
  CHECK_EQ(Similar("postgresql", {"cups", "cron"}), Strings{});
  CHECK_EQ(Similar("", {"cups"}), Strings{});
  CHECK_EQ(Similar(std::string(1 << 20, 'c'), {"c"}), Strings{});
  CHECK_EQ(Similar("tty", {"tty1", "tty2", "tty3", "tty4"}), (Strings{"tty1", "tty2", "tty3"}));
}

}  // namespace similar_test
