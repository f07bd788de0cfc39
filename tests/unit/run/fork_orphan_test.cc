// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/fork_orphan.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

namespace fork_orphan_test {
using namespace curfew;

TEST("a signal to rc's group ends no orphan that is still in it") {
  constexpr int kOrphans = 50;
  int ends[2];
  CHECK(pipe(ends) == 0);
  const pid_t rc = fork();
  if (rc == 0) {
    setsid();
    signal(SIGHUP, [](int) {});
    for (int i = 0; i < kOrphans; ++i) {
      if (ForkOrphan({ends[1]}) == 0) _exit(write(ends[1], "x", 1) == 1 ? 0 : 1);
      kill(0, SIGHUP);
    }
    _exit(0);
  }
  close(ends[1]);
  int orphans = 0;
  for (char byte; read(ends[0], &byte, 1) == 1;) ++orphans;
  close(ends[0]);
  waitpid(rc, nullptr, 0);
  CHECK_EQ(orphans, kOrphans);
}

}  // namespace fork_orphan_test
