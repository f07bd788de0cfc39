// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/linux_kernel.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/reboot.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/quota.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "kernel/argv.h"
#include "kernel/detached.h"
#include "kernel/fd.h"
#include "kernel/priority.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

Fd OpenFile(const std::string& path, int flags, mode_t mode = 0) {
  return Fd(open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode));
}

std::error_code Status(long result) {
  return result < 0 ? LastError() : std::error_code();
}

std::error_code WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return LastError();
    bytes.remove_prefix(written);
  }
  return {};
}

/// What a program may write into memory before SIGXFSZ ends it.
constexpr rlim_t kMostOutput = 1 << 20;

/// In a child: the program of `argv`, writing to `output` unless that is -1; where it cannot be
/// had, its errno goes to `refusal`.
[[noreturn]] void Become(const std::vector<std::string>& argv, int output, int refusal) {
  setsid();
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (int null = open("/dev/null", O_RDONLY | O_CLOEXEC); null >= 0) dup2(null, 0);
  if (output >= 0) {
    const rlimit most{kMostOutput, kMostOutput};
    setrlimit(RLIMIT_FSIZE, &most);
    dup2(output, 1);
  }
  // Linux before 5.11 has no such flag: there it is as good as our own flag on each descriptor.
  syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
  setenv("PATH", "/sbin:/usr/sbin:/bin:/usr/bin", false);
  execvp(argv[0].c_str(), Argv(argv).data());
  const int error = errno;
  (void)!write(refusal, &error, sizeof error);
  _exit(127);
}

microseconds Clock(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return std::chrono::seconds(t.tv_sec) + microseconds(t.tv_nsec / 1000);
}

}  // namespace

Result<std::string> LinuxKernel::Read(const std::string& path) {
  Fd file = OpenFile(path, O_RDONLY);
  if (!file) return LastError();
  std::string text;
  char buffer[16384];
  for (;;) {
    ssize_t got = read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return LastError();
    if (got == 0) return text;
    text.append(buffer, got);
  }
}

Result<std::vector<std::string>> LinuxKernel::List(const std::string& dir) {
  DIR* stream = opendir(dir.c_str());
  if (!stream) return LastError();
  std::vector<std::string> names;
  while (const dirent* entry = readdir(stream)) {
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(stream);
  return names;
}

Result<std::string> LinuxKernel::ReadLink(const std::string& path) {
  char target[4096];
  ssize_t length = readlink(path.c_str(), target, sizeof target);
  if (length < 0) return LastError();
  return std::string(target, length);
}

std::error_code LinuxKernel::Write(const std::string& path, std::string_view bytes) {
  Fd file = OpenFile(path, O_WRONLY);
  return file ? WriteAll(file.get(), bytes) : LastError();
}

std::error_code LinuxKernel::Store(const std::string& path, std::string_view bytes) {
  std::string fresh = path + ".new";
  mkdir(path.substr(0, path.rfind('/')).c_str(), 0755);
  {
    Fd file = OpenFile(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644);
    if (!file) return LastError();
    if (auto error = WriteAll(file.get(), bytes)) return error;
    if (fsync(file.get()) < 0) return LastError();
  }
  return Status(rename(fresh.c_str(), path.c_str()));
}

std::error_code LinuxKernel::Append(const std::string& path, std::string_view bytes) {
  Fd file = OpenFile(path, O_WRONLY | O_APPEND);
  if (!file) return LastError();
  if (auto error = WriteAll(file.get(), bytes)) return error;
  return Status(fsync(file.get()));
}

std::error_code LinuxKernel::Unlink(const std::string& path) {
  return Status(unlink(path.c_str()));
}

std::error_code LinuxKernel::Symlink(const std::string& target, const std::string& path) {
  mkdir(path.substr(0, path.rfind('/')).c_str(), 0755);
  unlink(path.c_str());
  return Status(symlink(target.c_str(), path.c_str()));
}

Result<int> LinuxKernel::Open(const std::string& path, int flags) {
  Fd file = OpenFile(path, flags);
  return file ? Result<int>(file.Release()) : LastError();
}

Result<int> LinuxKernel::Ioctl(int fd, unsigned long request, void* argument) {
  int result = ioctl(fd, request, argument);
  return result < 0 ? Result<int>(LastError()) : result;
}

std::error_code LinuxKernel::Fsync(int fd) {
  return Status(fsync(fd));
}

void LinuxKernel::Close(int fd) {
  close(fd);
}

Result<std::string> LinuxKernel::ReadOpen(int fd) {
  char buffer[8192];
  const ssize_t got = pread(fd, buffer, sizeof buffer, 0);
  return got < 0 ? Result<std::string>(LastError()) : std::string(buffer, got);
}

std::error_code LinuxKernel::WriteOpen(int fd, std::string_view bytes) {
  return WriteAll(fd, bytes);
}

Result<int> LinuxKernel::Socket(int family) {
  int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return fd < 0 ? Result<int>(LastError()) : fd;
}

pid_t LinuxKernel::Self() {
  return getpid();
}

Result<int> LinuxKernel::PidfdOpen(pid_t pid) {
  long fd = syscall(SYS_pidfd_open, pid, 0);
  return fd < 0 ? Result<int>(LastError()) : static_cast<int>(fd);
}

std::error_code LinuxKernel::PidfdSignal(int pidfd, int signal) {
  return Status(syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

std::error_code LinuxKernel::Kill(pid_t pid, int signal) {
  return Status(kill(pid, signal));
}

Result<int> LinuxKernel::Poll(std::span<pollfd> fds, milliseconds limit) {
  const auto end = Now() + limit;
  for (;;) {
    auto left = std::max(end - Now(), microseconds(0));
    timespec wait{left.count() / 1000000, left.count() % 1000000 * 1000};
    int ready = ppoll(fds.data(), fds.size(), &wait, nullptr);
    if (ready >= 0) return ready;
    if (errno != EINTR) return LastError();
  }
}

int LinuxKernel::RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return 256;
  rlimit wish = limit;
  wish.rlim_cur = wish.rlim_max = std::strtoul(Read("/proc/sys/fs/nr_open").value.c_str(), {}, 10);
  if (wish.rlim_cur > limit.rlim_max && setrlimit(RLIMIT_NOFILE, &wish) == 0) limit = wish;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<int>(limit.rlim_cur);
}

/// Reaps what has ended and waits for nothing: a child in D state may never end.
void LinuxKernel::ReapChildren() {
  std::erase_if(ended_, [](pid_t pid) { return waitpid(pid, nullptr, WNOHANG) != 0; });
}

Result<int> LinuxKernel::Start(const std::function<std::error_code()>& work) {
  ReapChildren();
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return LastError();
  const pid_t pid = fork();
  if (pid == 0) {
    // Its limit runs by the clock, not by the CPU it gets.
    TakeRank(Rank::kFirst);
    int outcome = work().value();
    (void)!write(ends[1], &outcome, sizeof outcome);
    _exit(0);
  }
  const auto error = Status(pid);
  close(ends[1]);
  if (error) {
    close(ends[0]);
    return error;
  }
  started_[ends[0]] = pid;
  return ends[0];
}

bool LinuxKernel::Answered(int child, milliseconds limit) {
  pollfd end{child, POLLIN, 0};
  return Poll({&end, 1}, limit).value > 0;
}

std::error_code LinuxKernel::Await(int child, milliseconds limit) {
  auto found = started_.find(child);
  if (found == started_.end()) return std::make_error_code(std::errc::no_child_process);
  const pid_t pid = found->second;
  started_.erase(found);
  ended_.push_back(pid);
  std::error_code error;
  pollfd end{child, POLLIN, 0};
  int outcome = 0;
  if (Poll({&end, 1}, limit).value == 0) {
    kill(pid, SIGKILL);
    error = std::make_error_code(std::errc::timed_out);
  } else if (read(child, &outcome, sizeof outcome) != sizeof outcome) {
    error = std::make_error_code(std::errc::interrupted);
  } else {
    error = {outcome, std::generic_category()};
  }
  close(child);
  ReapChildren();
  return error;
}

bool LinuxKernel::IsProgram(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 0111);
}

/// Until the child `pid` ends; its wait status, or errc::timed_out.
Result<int> LinuxKernel::WaitFor(pid_t pid, milliseconds limit) {
  const auto deadline = Now() + limit;
  const auto pidfd = PidfdOpen(pid);
  const Fd process(pidfd ? pidfd.value : -1);
  for (;;) {
    int status = 0;
    if (waitpid(pid, &status, WNOHANG) != 0) return status;
    const auto left = std::chrono::ceil<milliseconds>(deadline - Now());
    if (left.count() <= 0) return std::make_error_code(std::errc::timed_out);
    pollfd end{process.get(), POLLIN, 0};
    // Without pidfds (Linux 5.3, a seccomp filter) it is looked at from time to time.
    Poll({&end, 1}, process ? left : std::min(left, milliseconds(20)));
  }
}

Result<int> LinuxKernel::RunProgram(const std::vector<std::string>& argv, milliseconds limit,
                                    std::string* output) {
  ReapChildren();
  const Fd written(output ? memfd_create("output", MFD_CLOEXEC) : -1);
  if (output && !written) return LastError();
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return LastError();
  const pid_t pid = fork();
  if (pid == 0) Become(argv, written.get(), ends[1]);
  const auto failed = Status(pid);
  close(ends[1]);
  const Fd refusal(ends[0]);
  if (failed) return failed;
  const auto status = WaitFor(pid, limit);
  if (!status) {
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    ended_.push_back(pid);
    return status;
  }
  int refused = 0;
  if (read(refusal.get(), &refused, sizeof refused) == sizeof refused)
    return std::error_code(refused, std::generic_category());
  if (output) *output = Read("/proc/self/fd/" + std::to_string(written.get())).value;
  return status;
}

Result<pid_t> LinuxKernel::Detach(const std::string& name, const std::vector<int>& keep,
                                  const std::function<void()>& work) {
  return StartDetached(name, keep, [&] {
    started_.clear();
    ended_.clear();
    work();
  });
}

std::error_code LinuxKernel::Umount(const std::string& target, int flags) {
  return Status(umount2(target.c_str(), flags));
}

std::error_code LinuxKernel::Mount(const std::string& source, const std::string& target,
                                   const std::string& type, unsigned long flags,
                                   const std::string& data) {
  return Status(mount(source.c_str(), target.c_str(), type.empty() ? nullptr : type.c_str(), flags,
                      data.empty() ? nullptr : data.c_str()));
}

std::error_code LinuxKernel::SwapOff(const std::string& path) {
  return Status(swapoff(path.c_str()));
}

std::error_code LinuxKernel::SyncFs(const std::string& path) {
  Fd file = OpenFile(path, O_RDONLY);
  return file ? Status(syncfs(file.get())) : LastError();
}

void LinuxKernel::Sync() {
  sync();
}

std::error_code LinuxKernel::QuotaOff(const std::string& device, int type) {
  return Status(quotactl(QCMD(Q_QUOTAOFF, type), device.c_str(), 0, nullptr));
}

std::error_code LinuxKernel::AccountingOff() {
  return Status(acct(nullptr));
}

microseconds LinuxKernel::Now() {
  return Clock(CLOCK_BOOTTIME);
}

microseconds LinuxKernel::WallClock() {
  return Clock(CLOCK_REALTIME);
}

std::string LinuxKernel::Release() {
  utsname name{};
  uname(&name);
  return name.release;
}

std::error_code LinuxKernel::Reboot(unsigned command, const std::string& argument) {
  return Status(
      syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, command, argument.c_str()));
}

}  // namespace curfew
