// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/process/v2/process.hpp>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>

#include "kernel/argv.h"
#include "kernel/cpu_priority.h"
#include "kernel/fd.h"
#include "kernel/process_info.h"
#include "run/script_filter.h"

namespace curfew {
namespace {

namespace asio = boost::asio;
namespace process_v2 = boost::process::v2;

/// How often a process is checked where the kernel has no pidfd_open(2) (before 5.3, or a seccomp
/// filter).
constexpr std::chrono::milliseconds kPollWithoutPidfd{20};

/// dup2(2), which a signal may interrupt.
void Duplicate(int from, int to) {
  while (dup2(from, to) < 0 && errno == EINTR) continue;
}

/// Runs `call`, which only returns where it fails, once more: memory may have been short, or a disk
/// not have answered.
template <typename Call>
void Twice(const Call& call) {
  call();
  if (errno != ENOEXEC) call();
}

/// In the child: async-signal-safe calls only. Returns the errno of what failed.
int Become(const SpawnRequest& r, char* const* argv, char* const* env, char* const* shell_argv) {
  if (r.own_group) setpgid(0, 0);
  // Where these fail the script has rc's own: better than that it does not run.
  if (r.in >= 0) Duplicate(r.in, 0);
  if (r.out >= 0) Duplicate(r.out, 1), Duplicate(r.out, 2);
  // sigaction(3) would not do: rc may have been started with signals 32 and 33 ignored, and glibc
  // lets no program change these two. A kernel sigaction of zeros is SIG_DFL.
  const unsigned long by_default[8] = {};
  for (int s = 1; s < NSIG; ++s) syscall(SYS_rt_sigaction, s, by_default, nullptr, NSIG / 8);
  // rc's terminal is in the foreground for rc alone. By default a script that reads it, or sets its
  // modes, would be stopped, continued by rc, stopped again.
  if (r.own_group) signal(SIGTTIN, SIG_IGN), signal(SIGTTOU, SIG_IGN);
  if (r.low_priority && r.fork) LowerPriority();
  if (r.filter_calls) FilterCalls();
  syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
  for (const int fd : r.keep) fcntl(fd, F_SETFD, 0);
  if (r.descriptors.rlim_max != 0) setrlimit(RLIMIT_NOFILE, &r.descriptors);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (r.exec_fd >= 0) {
    Twice([&] { fexecve(r.exec_fd, argv, env); });
    return errno;
  }
  Twice([&] { execve(r.path.c_str(), argv, env); });
  const int error = errno;
  // A script without "#!" runs in a shell, as every shell that calls it does.
  if (error == ENOEXEC) execve("/bin/sh", shell_argv, env);
  return error;
}

/// noinline, and parameters left untouched: the child of vfork shares this frame.
[[gnu::noinline]] pid_t ForkAndBecome(const SpawnRequest& request, char* const* argv,
                                      char* const* env, char* const* shell_argv,
                                      volatile int* exec_error) {
  const pid_t pid = request.fork ? fork() : vfork();
  if (pid == 0) {
    *exec_error = Become(request, argv, env, shell_argv);
    _exit(127);
  }
  return pid;
}

/// Returns the child's pid, or -1 with errno set. All signals are blocked until the child has reset
/// them, so that no handler of rc runs in the child. All memory that the child needs is allocated
/// before the fork: the child may not allocate.
pid_t Launch(const SpawnRequest& request, volatile int* exec_error) {
  std::vector<std::string> shell{"/bin/sh", request.path};
  shell.insert(shell.end(), request.argv.begin() + 1, request.argv.end());
  const auto argv = Argv(request.argv), env = Argv(request.env), shell_argv = Argv(shell);
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ForkAndBecome(request, argv.data(), env.data(), shell_argv.data(), exec_error);
  const int error = errno;
  // rc stands still until the child of vfork runs its program: that child has rc's priority.
  if (pid > 0 && request.low_priority && !request.fork) LowerGroupPriority(pid);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

int OpenPidfd(pid_t pid) {
  return static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
}

bool IsAlive(Files& files, const ProcessId& process) {
  return ReadProcess(files, process.pid).value.start == process.start;
}

}  // namespace

/// An int that parent and child share, also after fork(2): the errno of a failed exec.
class SharedInt {
 public:
  SharedInt() {
    void* page =
        mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED) value_ = static_cast<volatile int*>(page);
  }
  ~SharedInt() {
    if (value_) munmap(const_cast<int*>(value_), sizeof(int));
  }
  SharedInt(const SharedInt&) = delete;
  SharedInt& operator=(const SharedInt&) = delete;

  volatile int* get() { return value_; }

 private:
  volatile int* value_ = nullptr;
};

struct Process::Impl : std::enable_shared_from_this<Process::Impl> {
  explicit Impl(asio::io_context& l) : loop(l), timer(l), watch(l) {}

  /// Without detach() Boost's destructor would kill the process and wait for its end.
  ~Impl() {
    if (handle) handle->detach();
  }

  void Watch() {
    // async_wait of the handle ends in a blocking waitpid. So rc waits on a second descriptor, and
    // checks the child by a timer where there is none to spare.
    Fd pidfd(OpenPidfd(pid));
    if (!pidfd || !WatchPidfd(Fd(fcntl(pidfd.get(), F_DUPFD_CLOEXEC, 3)))) return PollLater();
    try {
      handle.emplace(loop.get_executor(), pid, pidfd.get());
      pidfd.Release();
    } catch (const boost::system::system_error&) {
      // epoll_ctl(2) has no memory, or no watch to spare. waitpid(2) does without.
    }
    WaitReadable();
  }

  bool WatchPidfd(Fd pidfd) {
    if (!pidfd) return false;
    boost::system::error_code error;
    watch.assign(pidfd.get(), error);
    if (error) return false;
    pidfd.Release();
    return true;
  }

  void WaitReadable() {
    watch.async_wait(asio::posix::descriptor_base::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (error) return self->StopWatching();
                       if (!self->Finished()) self->WaitReadable();
                     });
  }

  /// The loop cannot wait for the pidfd, or nobody waits for the end any more.
  void StopWatching() {
    boost::system::error_code ignored;
    watch.close(ignored);
    if (on_end) PollLater();
  }

  void PollLater() {
    timer.expires_after(kPollWithoutPidfd);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error && !self->Finished()) self->PollLater();
    });
  }

  /// Never blocks. True when the end was reported.
  bool Finished() {
    if (files) {
      if (!watch.is_open() && IsAlive(*files, {pid, start})) return false;
      return End(ExitStatus::Unknown());
    }
    int status = 0;
    if (handle) {
      process_v2::error_code error;
      if (handle->running(error)) return false;
      if (error) return End(ExitStatus::Unknown());
      status = handle->native_exit_code();
    } else if (waitpid(pid, &status, WNOHANG) == 0) {
      return false;
    }
    const int failed = exec_error.get() ? *exec_error.get() : 0;
    return End(failed ? ExitStatus::NotRun(failed) : ExitStatus::FromWait(status));
  }

  bool End(ExitStatus status) {
    if (handle) handle->detach();
    boost::system::error_code ignored;
    watch.close(ignored);
    if (OnEnd report = std::exchange(on_end, nullptr)) report(status);
    return true;
  }

  asio::io_context& loop;
  asio::steady_timer timer;
  asio::posix::stream_descriptor watch;
  std::optional<process_v2::process> handle;
  SharedInt exec_error;
  OnEnd on_end;
  pid_t pid = -1;
  Files* files = nullptr;  ///< of an adopted process only, as is its start time
  std::uint64_t start = 0;
};

Process::Process() = default;

Process::~Process() {
  if (!impl_) return;
  impl_->on_end = nullptr;
  impl_->timer.cancel();
  boost::system::error_code ignored;
  impl_->watch.close(ignored);
}

void Process::Start(asio::io_context& loop, const SpawnRequest& request, OnEnd on_end) {
  impl_ = std::make_shared<Impl>(loop);
  impl_->on_end = std::move(on_end);
  impl_->pid = Launch(request, impl_->exec_error.get());
  if (impl_->pid >= 0) return impl_->Watch();
  asio::post(loop, [impl = impl_, error = errno] { impl->End(ExitStatus::NotRun(error)); });
}

std::error_code Process::Adopt(asio::io_context& loop, Files& files, const ProcessId& process,
                               OnEnd on_end) {
  impl_ = std::make_shared<Impl>(loop);
  impl_->on_end = std::move(on_end);
  impl_->pid = process.pid;
  impl_->files = &files;
  impl_->start = process.start;
  Fd pidfd(OpenPidfd(process.pid));
  // Compared after pidfd_open: the pidfd stays that of this process, even if the number is used
  // again.
  if (process.start == 0 || !IsAlive(files, process)) {
    return std::make_error_code(std::errc::no_such_process);
  }
  if (impl_->WatchPidfd(std::move(pidfd))) {
    impl_->WaitReadable();
  } else {
    impl_->PollLater();
  }
  return {};
}

pid_t Process::pid() const {
  return impl_ ? impl_->pid : -1;
}

}  // namespace curfew
