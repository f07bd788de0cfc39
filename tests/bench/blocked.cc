// SPDX-License-Identifier: GPL-2.0-or-later
// blocked N: puts N processes into state D until stdin ends. A parent waits uninterruptibly for a
// vfork child that does not exec.

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

int main(int argc, char** argv) {
  const int count = argc > 1 ? atoi(argv[1]) : 0;
  for (int i = 0; i < count; ++i) {
    if (fork() != 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (vfork() == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      char byte;
      while (read(STDIN_FILENO, &byte, 1) > 0) continue;
      _exit(0);
    }
    _exit(0);
  }
  char ready[] = "ready\n";
  if (write(STDOUT_FILENO, ready, sizeof ready - 1) < 0) return 1;
  while (wait(nullptr) > 0) continue;
}
