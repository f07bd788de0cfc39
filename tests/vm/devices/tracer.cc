// SPDX-License-Identifier: GPL-2.0-or-later
// tracer PID: what `strace -f -p PID` does, without a word: follows the process and all that it
// starts through each system call.  It ignores SIGTERM, which strace blocks while it serves one.
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

int main(int, char** argv) {
  constexpr long kFollow = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                           PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
  signal(SIGTERM, SIG_IGN);
  const pid_t first = atoi(argv[1]);
  if (ptrace(PTRACE_SEIZE, first, 0, kFollow) != 0) return 1;
  ptrace(PTRACE_INTERRUPT, first, 0, 0);
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0;) {
    if (!WIFSTOPPED(status)) continue;
    const int signal = WSTOPSIG(status), event = status >> 16;
    if (event == PTRACE_EVENT_STOP && signal != SIGTRAP)
      ptrace(PTRACE_LISTEN, pid, 0, 0);
    else
      ptrace(PTRACE_SYSCALL, pid, 0, event != 0 || signal == (SIGTRAP | 0x80) ? 0 : signal);
  }
}
