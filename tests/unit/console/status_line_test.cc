// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/status_line.h"

#include "check.h"

namespace status_line_test {
using namespace curfew;

namespace {

Script Stop(const char* service) {
  Script script;
  script.service = service;
  return script;
}

}  // namespace

TEST("the status line names the script, its time, what is left, the process, and who else runs") {
  const Script cups = Stop("cups");
  Waiting waiting{&cups, 17, 23, std::chrono::seconds(14)};
  waiting.left = std::chrono::seconds(76);
  waiting.process = "cupsd[812] D nfs_wait";
  CHECK_EQ(StatusLine(waiting), "[17/23] stopping cups 14 s, 76 s left: cupsd[812] D nfs_wait");
  waiting.usual = std::chrono::milliseconds(11700);
  CHECK(StatusLine(waiting).starts_with("[17/23] stopping cups 14 s, usually 12 s, 76 s left: "));
  waiting.more = 2;
  CHECK(StatusLine(waiting).ends_with(" nfs_wait; and 2 more"));
}

TEST("what is not known is left out of the status line, and no name can move the cursor") {
  Script odd = Stop("a\033[2J");
  odd.action = Action::kStart;
  Waiting waiting{&odd, 0, 1, std::chrono::seconds(3)};
  CHECK_EQ(StatusLine(waiting), std::string("[0/1] starting a\\x1B[2J 3 s"));
  waiting.process = "x\ny[7] S";
  CHECK_EQ(StatusLine(waiting), std::string("[0/1] starting a\\x1B[2J 3 s: x\\x0Ay[7] S"));
}

TEST("the status never fills a terminal, and of what does not fit the least is missed") {
  const Script cups = Stop("cups");
  Waiting waiting{&cups, 0, 4, std::chrono::seconds(3)};
  waiting.left = std::chrono::seconds(87);
  waiting.process = "cupsd[812] D nfs_wait";
  waiting.more = 2;
  const auto fitted = [&](size_t columns) { return FittedStatus(waiting, "; x", columns); };
  const std::string what = "[0/4] stopping cups 3 s, 87 s left";
  CHECK_EQ(fitted(73), what + ": cupsd[812] D nfs_wait; and 2 more; x");
  CHECK_EQ(fitted(72), what + ": cupsd[812] D nfs_wait; and 2 more");
  CHECK_EQ(fitted(69), what + ": cupsd[812] D nfs_wai; and 2 more");
  CHECK_EQ(fitted(55), what + ": cupsd[; and 2 more");
  CHECK_EQ(fitted(54), what + "; and 2 more");
  CHECK_EQ(fitted(46), what);
  CHECK_EQ(fitted(35), what);
  CHECK_EQ(fitted(20), "[0/4] stopping cups");
  CHECK_EQ(fitted(1) + fitted(0), "");
  waiting.usual = std::chrono::seconds(12);
  CHECK_EQ(fitted(52), "[0/4] stopping cups 3 s, usually 12 s, 87 s left");
  CHECK_EQ(fitted(40), what);
}

TEST("the status is cut between characters, and a wide one may take two columns") {
  const Script wide = Stop("a\303\244\345\255\227b");
  const Waiting waiting{&wide, 0, 4, std::chrono::seconds(3)};
  CHECK_EQ(FittedStatus(waiting, "", 21), "[0/4] stopping a\303\244\345\255\227");
  CHECK_EQ(FittedStatus(waiting, "", 20), "[0/4] stopping a\303\244");
}

TEST("lines of their own come at once, then with growing intervals up to 10 s") {
  const Script a = Stop("a"), b = Stop("b");
  StatusIntervals intervals;
  const auto times = [&](const Script& script, int from, int to) {
    std::vector<int> due;
    for (int s = from; s <= to; ++s) {
      const Waiting waiting{&script, 0, 1, std::chrono::seconds(s)};
      if (intervals.IsDue(waiting)) due.push_back(s);
    }
    return due;
  };
  CHECK_EQ(times(a, 3, 35), (std::vector<int>{3, 10, 20, 30}));
  // Another script ended meanwhile: no news of this one.
  CHECK_EQ(times(a, 38, 41), std::vector<int>{40});
  CHECK_EQ(times(b, 44, 51), (std::vector<int>{44, 50}));
}

}  // namespace status_line_test
