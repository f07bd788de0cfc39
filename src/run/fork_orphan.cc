// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/fork_orphan.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "text/text.h"

namespace curfew {
namespace {

/// Half a second in all: a loop waits meanwhile.
constexpr int kTries = 25;
constexpr useconds_t kPauseUs = 20000;

/// Closes the descriptors from `first` to `last`. Linux before 5.9 has no close_range(2), and a
/// seccomp filter may refuse it: then each open one is closed, as /proc/self/fd lists them.
void CloseRange(unsigned first, unsigned last) {
  if (close_range(first, last, 0) == 0) return;
  DIR* open = opendir("/proc/self/fd");
  if (!open) {
    // Without /proc: all that the limit allows.
    const unsigned limit = static_cast<unsigned>(std::max(sysconf(_SC_OPEN_MAX), 1024L));
    for (unsigned fd = first; fd <= std::min(last, limit); ++fd) close(static_cast<int>(fd));
    return;
  }
  while (const dirent* entry = readdir(open)) {
    const auto fd = ParseNumber<unsigned>(entry->d_name);
    if (fd && *fd >= first && *fd <= last && static_cast<int>(*fd) != dirfd(open))
      close(static_cast<int>(*fd));
  }
  closedir(open);
}

void CloseAllBut(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  unsigned next = 0;
  for (const int fd : keep) {
    if (fd < 0) continue;
    const auto kept = static_cast<unsigned>(fd);
    if (kept > next) CloseRange(next, kept - 1);
    next = kept + 1;
  }
  CloseRange(next, ~0u);
}

/// In the child, with every signal blocked. A signal to rc's group that came while the child was
/// still in it would end the child as soon as it takes signals: SIG_IGN drops what is pending.
void Isolate(std::vector<int> keep) {
  setpgid(0, 0);
  for (int s = 1; s < NSIG; ++s) {
    signal(s, SIG_IGN);
    // A terminal may refuse output from the background: that stops no orphan.
    if (s != SIGTTOU) signal(s, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  CloseAllBut(std::move(keep));
  // No file that is opened later may become standard input, output or error, here or in what the
  // child executes: libutempter's helper refuses to work without them.
  int null = open("/dev/null", O_RDWR);
  while (null >= 0 && null <= STDERR_FILENO) null = dup(null);
  if (null >= 0) close(null);
}

/// fork(2) with every signal blocked in the child: a handler of rc would write to a pipe that rc
/// and the child still share.
pid_t ForkBlocked() {
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  if (pid != 0) sigprocmask(SIG_SETMASK, &before, nullptr);
  return pid;
}

/// The kernel may have no process for a moment.
pid_t ForkPatiently(const std::function<pid_t()>& fork_once) {
  for (int tries = 0;; ++tries) {
    const pid_t pid = fork_once();
    if (pid >= 0 || tries == kTries) return pid;
    usleep(kPauseUs);
  }
}

}  // namespace

pid_t ForkIsolated(std::vector<int> keep) {
  const pid_t pid = ForkBlocked();
  if (pid == 0) Isolate(std::move(keep));
  return pid;
}

pid_t ForkOrphan(std::vector<int> keep) {
  const pid_t pid = ForkPatiently(ForkBlocked);
  int status = 0;
  if (pid > 0) waitpid(pid, &status, 0);
  if (pid != 0) return status == 0 ? pid : -1;
  const pid_t orphan = ForkPatiently(fork);
  if (orphan != 0) _exit(orphan < 0);
  Isolate(std::move(keep));
  return 0;
}

}  // namespace curfew
