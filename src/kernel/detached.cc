// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/detached.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "kernel/fd.h"
#include "kernel/lock_memory.h"
#include "kernel/priority.h"

namespace curfew {
namespace {

/// To fork twice and to lock the memory: on a machine that swaps.
constexpr int kStartMilliseconds = 2000;

void IgnoreSignals() {
  for (int number = 1; number < NSIG; ++number)
    signal(number, number == SIGCHLD ? SIG_DFL : SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void CloseAllBut(const std::vector<int>& keep) {
  std::vector<int> open_now;
  if (DIR* dir = opendir("/proc/self/fd")) {
    while (const dirent* entry = readdir(dir))
      if (entry->d_name[0] != '.') open_now.push_back(std::atoi(entry->d_name));
    closedir(dir);
  } else {
    for (int fd = 0; fd < 1024; ++fd) open_now.push_back(fd);
  }
  for (int fd : open_now)
    if (std::find(keep.begin(), keep.end(), fd) == keep.end()) close(fd);
  // Nothing that is opened later shall be anybody's standard output.
  const Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int fd = 0; null && fd <= STDERR_FILENO; ++fd)
    if (null.get() != fd && std::find(keep.begin(), keep.end(), fd) == keep.end())
      dup2(null.get(), fd);
}

/// Over the arguments, where ps(1) and whoever spares processes by argv[0] find it.
void TakeName(const std::string& name) {
  prctl(PR_SET_NAME, name.c_str());
  const Fd file(open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC));
  std::vector<char> arguments(65536);
  const ssize_t size = file ? read(file.get(), arguments.data(), arguments.size()) : 0;
  if (size <= 1) return;
  const auto room = static_cast<std::size_t>(size) - 1;
  std::memset(program_invocation_name, 0, room);
  std::memcpy(program_invocation_name, name.data(), std::min(room, name.size()));
}

void StandFirst() {
  TakeRank(Rank::kGuard);
  const Fd score(open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (score) (void)!write(score.get(), "-1000", 5);
  LockMemory(Pages::kLoaded);
}

[[noreturn]] void Live(const std::string& name, std::vector<int> keep, int ready,
                       const std::function<void()>& work) {
  keep.push_back(ready);
  setsid();
  IgnoreSignals();
  TakeName(name);
  CloseAllBut(keep);
  (void)!chdir("/");
  StandFirst();
  const pid_t self = getpid();
  (void)!write(ready, &self, sizeof self);
  close(ready);
  work();
  _exit(0);
}

}  // namespace

Result<pid_t> StartDetached(const std::string& name, const std::vector<int>& keep,
                            const std::function<void()>& work) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return LastError();
  const Fd answer(ends[0]);
  Fd ready(ends[1]);
  const pid_t between = fork();
  if (between < 0) return LastError();
  if (between == 0) {
    if (fork() == 0) Live(name, keep, ready.get(), work);
    _exit(0);
  }
  ready.Close();
  waitpid(between, nullptr, 0);
  pollfd end{answer.get(), POLLIN, 0};
  pid_t pid = 0;
  if (poll(&end, 1, kStartMilliseconds) <= 0) return std::make_error_code(std::errc::timed_out);
  if (read(answer.get(), &pid, sizeof pid) != sizeof pid)
    return std::make_error_code(std::errc::resource_unavailable_try_again);
  return pid;
}

}  // namespace curfew
