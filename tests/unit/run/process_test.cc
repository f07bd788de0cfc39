// SPDX-License-Identifier: GPL-2.0-or-later
// One test for each defect of Boost.Process v2 in Boost 1.81 that would hurt rc.
#include "run/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <fstream>
#include <optional>
#include <sstream>

#include "check.h"
#include "kernel/fd.h"
#include "kernel/linux_kernel.h"
#include "kernel/process_info.h"

namespace process_test {
using namespace curfew;

namespace {

namespace asio = boost::asio;

/// A script in a directory of its own, gone with the test.
class ScriptFile {
 public:
  explicit ScriptFile(const std::string& text, mode_t mode = 0755) {
    char name[] = "/tmp/curfew-unit-XXXXXX";
    dir_ = mkdtemp(name);
    std::ofstream(path()) << text;
    chmod(path().c_str(), mode);
  }
  ~ScriptFile() {
    unlink(path().c_str());
    unlink(output().c_str());
    rmdir(dir_.c_str());
  }
  std::string path() const { return dir_ + "/script"; }
  std::string output() const { return dir_ + "/output"; }
  std::string Read() const {
    std::stringstream text;
    text << std::ifstream(output()).rdbuf();
    return text.str();
  }
  SpawnRequest Request(bool fork) const {
    SpawnRequest request;
    request.path = path();
    request.argv = {path(), output()};
    for (char** e = environ; *e; ++e) request.env.emplace_back(*e);
    request.fork = fork;
    return request;
  }

 private:
  std::string dir_;
};

ExitStatus Run(const SpawnRequest& request) {
  asio::io_context loop(1);
  Process process;
  std::optional<ExitStatus> ended;
  process.Start(loop, request, [&](ExitStatus status) { ended = status; });
  loop.run_for(std::chrono::seconds(20));
  CHECK(ended.has_value());
  return ended.value_or(ExitStatus::Unknown());
}

/// Reaps what it finds.
bool HasZombie() {
  return waitpid(-1, nullptr, WNOHANG) > 0;
}

}  // namespace

TEST("a child inherits no descriptor beyond 0, 1 and 2, also one that is not close-on-exec") {
  const ScriptFile script("#!/bin/sh\nexec ls /proc/self/fd > $1\n");
  const Fd leak(open("/dev/null", O_RDONLY));
  const Fd high(fcntl(leak.get(), F_DUPFD, 50));
  Run(script.Request(false));
  // 3 is ls's own, for the directory it reads.
  CHECK_EQ(script.Read(), std::string("0\n1\n2\n3\n"));
}

TEST("a failed exec is reported with its errno and leaves no zombie, by fork and by vfork") {
  const ScriptFile script("#!/bin/sh\n", 0644);
  while (HasZombie()) continue;
  for (const bool fork : {false, true}) {
    const ExitStatus status = Run(script.Request(fork));
    CHECK(status.kind() == ExitStatus::Kind::kNotRun);
    CHECK_EQ(status.number(), EACCES);
    CHECK(!HasZombie());
  }
}

TEST("after a failed exec nothing that the parent buffered is written by the child") {
  const ScriptFile script("#!/no/such/interpreter\n");
  FILE* file = fopen(script.output().c_str(), "w");
  fputs("once\n", file);
  for (const bool fork : {false, true}) CHECK_EQ(Run(script.Request(fork)).number(), ENOENT);
  fclose(file);
  CHECK_EQ(script.Read(), std::string("once\n"));
}

TEST("a fork does not wait for an exec that hangs") {
  const ScriptFile script("#!/bin/sh\nexit 4\n");
  signal(SIGIO, SIG_IGN);
  // Who opens a file under a write lease waits until the lease is given up: fcntl(2).
  const Fd lease(open(script.path().c_str(), O_RDONLY | O_CLOEXEC));
  CHECK_EQ(fcntl(lease.get(), F_SETLEASE, F_WRLCK), 0);
  asio::io_context loop(1);
  Process process;
  std::optional<ExitStatus> ended;
  process.Start(loop, script.Request(true), [&](ExitStatus status) { ended = status; });
  loop.run_for(std::chrono::milliseconds(100));
  CHECK(!ended.has_value());
  fcntl(lease.get(), F_SETLEASE, F_UNLCK);
  loop.restart();
  loop.run_for(std::chrono::seconds(20));
  CHECK(ended && ended->kind() == ExitStatus::Kind::kExited && ended->number() == 4);
  signal(SIGIO, SIG_DFL);
}

TEST("dropping a process neither kills it nor waits for it") {
  const ScriptFile script("#!/bin/sh\nexec sleep 30\n");
  asio::io_context loop(1);
  pid_t pid = -1;
  const auto begin = std::chrono::steady_clock::now();
  {
    Process process;
    process.Start(loop, script.Request(false), [](ExitStatus) {});
    pid = process.pid();
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
  CHECK_EQ(kill(pid, 0), 0);
  CHECK_EQ(waitpid(pid, nullptr, WNOHANG), 0);
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

TEST("a child gets an empty signal mask and default dispositions, but for those of the terminal") {
  const ScriptFile script("#!/bin/sh\nexec grep -E '^Sig(Blk|Ign)' /proc/self/status > $1\n");
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  // 32 belongs to glibc, whose sigaction(3) refuses it.
  constexpr int kGlibcOwn = 32;
  unsigned long ignore[8] = {reinterpret_cast<unsigned long>(SIG_IGN)};
  signal(SIGINT, SIG_IGN);
  syscall(SYS_rt_sigaction, kGlibcOwn, ignore, nullptr, NSIG / 8);
  Run(script.Request(true));
  signal(SIGINT, SIG_DFL);
  ignore[0] = 0;
  syscall(SYS_rt_sigaction, kGlibcOwn, ignore, nullptr, NSIG / 8);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  CHECK_EQ(script.Read(), std::string("SigBlk:\t0000000000000000\nSigIgn:\t0000000000300000\n"));
}

TEST("a signal to the process group ends the grandchildren too") {
  const ScriptFile script("#!/bin/sh\nsleep 30 & echo $! > $1\nwait\n");
  asio::io_context loop(1);
  Process process;
  std::optional<ExitStatus> ended;
  process.Start(loop, script.Request(false), [&](ExitStatus status) { ended = status; });
  while (script.Read().empty()) loop.run_for(std::chrono::milliseconds(10)), loop.restart();
  const pid_t grandchild = std::stoi(script.Read());
  kill(-process.pid(), SIGTERM);
  loop.run_for(std::chrono::seconds(20));
  CHECK(ended && ended->kind() == ExitStatus::Kind::kSignalled && ended->number() == SIGTERM);
  LinuxKernel kernel;
  // Who reaps an orphan, and when, is PID 1's affair.
  const auto is_gone = [&] {
    const auto process = ReadProcess(kernel, grandchild);
    return process ? process.value.Ended() : IsGone(process.error);
  };
  for (int tries = 0; tries < 200 && !is_gone(); ++tries) usleep(10000);
  CHECK(is_gone());
}

TEST("exit status 9 and death by signal 9 are told apart") {
  const ScriptFile exits("#!/bin/sh\nexit 9\n");
  const ScriptFile dies("#!/bin/sh\nkill -9 $$\n");
  CHECK(Run(exits.Request(false)).kind() == ExitStatus::Kind::kExited);
  CHECK(Run(dies.Request(false)).kind() == ExitStatus::Kind::kSignalled);
}

TEST("a script without #! runs in a shell") {
  const ScriptFile script("echo \"$0\" > $1\nexit 2\n");
  CHECK_EQ(Run(script.Request(true)).number(), 2);
  CHECK_EQ(script.Read(), script.path() + "\n");
}

TEST("a process that is not ours is adopted only under its own start time") {
  asio::io_context loop(1);
  const pid_t pid = fork();
  if (pid == 0) {
    pause();
    _exit(0);
  }
  LinuxKernel kernel;
  const std::uint64_t start = ReadProcess(kernel, pid).value.start;
  Process stranger, adopted;
  bool ended = false;
  CHECK(bool(stranger.Adopt(loop, kernel, {pid, start + 1}, [](ExitStatus) {})));
  CHECK(!adopted.Adopt(loop, kernel, {pid, start}, [&](ExitStatus) { ended = true; }));
  kill(pid, SIGKILL);
  loop.run_for(std::chrono::seconds(20));
  CHECK(ended);
  waitpid(pid, nullptr, 0);
}

}  // namespace process_test
