// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "kernel/argv.h"
#include "kernel/fd.h"
#include "kernel/linux_kernel.h"
#include "kernel/lock_memory.h"

namespace curfew {
namespace {

/// What a program may write to an output file before SIGXFSZ ends it.
constexpr rlim_t kMostOutput = 1 << 20;
/// How many files a program may open: the kernel's default (INR_OPEN_CUR). halt raises its own
/// limit to a million or more; a program that closes each descriptor up to its limit would need
/// minutes.
constexpr rlim_t kProgramFiles = 1024;

/// Unblocks all signals and sets them to `action`, SIG_DFL or SIG_IGN.
void SetAllSignals(sighandler_t action) {
  for (int number = 1; number < NSIG; ++number)
    signal(number, number == SIGCHLD ? SIG_DFL : action);
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
  const auto kept = [&](int fd) { return std::find(keep.begin(), keep.end(), fd) != keep.end(); };
  for (int fd : open_now)
    if (!kept(fd)) close(fd);
  // No file that is opened later may become standard input, output or error.
  Fd null(open("/dev/null", O_RDWR));
  for (int fd = 0; null && fd <= STDERR_FILENO; ++fd)
    if (null.get() != fd && !kept(fd)) dup2(null.get(), fd);
  // It is one of the three itself, the first that was free.
  if (null && null.get() <= STDERR_FILENO) null.Release();
}

/// Writes the name over argv: ps(1) shows it, and programs that skip processes by argv[0] read it.
void SetName(const std::string& name) {
  prctl(PR_SET_NAME, name.c_str());
  const Fd file(open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC));
  std::vector<char> arguments(65536);
  const ssize_t size = file ? read(file.get(), arguments.data(), arguments.size()) : 0;
  if (size <= 1) return;
  const auto room = static_cast<std::size_t>(size) - 1;
  std::memset(program_invocation_name, 0, room);
  std::memcpy(program_invocation_name, name.data(), std::min(room, name.size()));
}

}  // namespace

pid_t ReadOnlyKernel::Self() {
  return getpid();
}

pid_t ReadOnlyKernel::Parent() {
  return getppid();
}

pid_t ReadOnlyKernel::Session() {
  return getsid(0);
}

Result<pid_t> LinuxKernel::Fork(const std::function<void()>& work) {
  const pid_t pid = fork();
  if (pid < 0) return LastError();
  if (pid > 0) return pid;
  work();
  _exit(0);
}

std::error_code LinuxKernel::Exec(const std::vector<std::string>& argv, int output) {
  setpgid(0, 0);
  SetAllSignals(SIG_DFL);
  if (int null = open("/dev/null", O_RDONLY | O_CLOEXEC); null >= 0) dup2(null, STDIN_FILENO);
  if (output >= 0) {
    const rlimit most{kMostOutput, kMostOutput};
    setrlimit(RLIMIT_FSIZE, &most);
    dup2(output, STDOUT_FILENO);
  }
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur > kProgramFiles) {
    files.rlim_cur = kProgramFiles;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  // Linux before 5.11 has no such flag: there only our own descriptors are closed, by O_CLOEXEC.
  syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
  setenv("PATH", "/sbin:/usr/sbin:/bin:/usr/bin", false);
  execvp(argv[0].c_str(), Argv(argv).data());
  return LastError();
}

void LinuxKernel::BecomeDaemon(const std::string& name, const std::vector<int>& keep,
                               std::atomic<pid_t>* pid) {
  setpgid(0, 0);
  SetAllSignals(SIG_IGN);
  SetName(name);
  CloseAllBut(keep);
  (void)!chdir("/");
  TakeCpuPriority(CpuPriority::kGuard);
  Write("/proc/self/oom_score_adj", "-1000");
  LockMemory(Pages::kLoaded);
  pid_t none = 0;
  if (!pid->compare_exchange_strong(none, getpid())) _exit(0);
}

void LinuxKernel::SetCpuPriority(CpuPriority priority) {
  TakeCpuPriority(priority);
}

Result<Scheduling> ReadOnlyKernel::SchedulingOf(pid_t thread) {
  int policy = sched_getscheduler(thread);
  if (policy < 0) return LastError();
  policy &= ~SCHED_RESET_ON_FORK;
  sched_param level{};
  const bool has_level = policy == SCHED_FIFO || policy == SCHED_RR;
  if (has_level && sched_getparam(thread, &level) < 0) return LastError();
  return Scheduling{policy, level.sched_priority};
}

std::error_code LinuxKernel::SetNormal(pid_t thread) {
  const sched_param none{};
  return Status(sched_setscheduler(thread, SCHED_OTHER, &none));
}

Result<int> LinuxKernel::Wait(pid_t child) {
  int status = 0;
  const pid_t ended = waitpid(child, &status, WNOHANG);
  if (ended < 0) return LastError();
  if (ended == 0) return std::make_error_code(std::errc::resource_unavailable_try_again);
  return status;
}

std::error_code LinuxKernel::Kill(pid_t pid, int signal) {
  return Status(kill(pid, signal));
}

Result<int> ReadOnlyKernel::PidfdOpen(pid_t pid) {
  const long fd = syscall(SYS_pidfd_open, pid, 0);
  return fd < 0 ? Result<int>(LastError()) : static_cast<int>(fd);
}

std::error_code LinuxKernel::PidfdSignal(int pidfd, int signal) {
  return Status(syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

Result<rlimit> ReadOnlyKernel::DescriptorLimit() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) < 0 ? Result<rlimit>(LastError()) : limit;
}

std::error_code LinuxKernel::SetDescriptorLimit(const rlimit& limit) {
  return Status(setrlimit(RLIMIT_NOFILE, &limit));
}

}  // namespace curfew
