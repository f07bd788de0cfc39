// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/dry_run_kernel.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <type_traits>

#include "check.h"
#include "kernel/process_info.h"

namespace dry_run_kernel_test {
using namespace curfew;

// No changing call of LinuxKernel can be reached through the dry run.
static_assert(!std::is_base_of_v<LinuxKernel, DryRunKernel>);

namespace {

/// A process that only waits for its end, and is killed with this object.
struct Sleeper {
  pid_t pid = fork();
  Sleeper() {
    if (pid == 0) {
      pause();
      _exit(1);
    }
  }
  ~Sleeper() {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  bool Lives() const { return waitpid(pid, nullptr, WNOHANG) == 0; }
};

/// A dry run with a directory in which "file" has the text "old", and the lines it has printed.
struct DryRunTest {
  std::string lines;
  char dir_name[32] = "/tmp/curfew-unit-XXXXXX";
  const std::string dir = mkdtemp(dir_name);
  const std::string file = dir + "/file";
  LinuxKernel real;
  DryRunKernel kernel{[this](const std::string& line) { lines += line + "\n"; }};

  DryRunTest() { real.Create(file, "old", 0644); }
  ~DryRunTest() {
    unlink(file.c_str());
    rmdir(dir.c_str());
  }
  std::string TakeLines() { return std::exchange(lines, ""); }
};

}  // namespace

TEST("a dry run changes no file, and prints what it would change") {
  DryRunTest test;
  DryRunKernel& kernel = test.kernel;
  const auto& [file, dir] = std::pair(test.file, test.dir);
  const std::string other = dir + "/other";
  CHECK(!kernel.Write(file, "new"));
  CHECK_EQ(test.TakeLines(), "would write to " + file + "\n");
  CHECK(kernel.Write(other, "new") == std::errc::no_such_file_or_directory);
  CHECK(!kernel.Append(file, "new"));
  CHECK_EQ(test.TakeLines(), "would append a record to " + file + "\n");
  CHECK(!kernel.Create(other, "new", 0644));
  CHECK(!kernel.Rename(file, other));
  CHECK_EQ(test.TakeLines(), "would write " + other + "\n");
  CHECK(!kernel.Unlink(file));
  CHECK_EQ(test.TakeLines(), "would remove " + file + "\n");
  CHECK(!kernel.Symlink(file, other));
  CHECK_EQ(test.TakeLines(), "would make the link " + other + "\n");
  CHECK(!kernel.MakeDirectory(other));
  const auto fd = kernel.Open(file, O_RDWR | O_TRUNC);
  CHECK(!kernel.WriteOpen(fd.value, "new"));
  CHECK(!kernel.Fsync(fd.value));
  CHECK(bool(kernel.Ioctl(fd.value, 0, nullptr)));
  CHECK_EQ(test.TakeLines(), "would flush " + file + "\nwould use " + file + "\n");
  CHECK(write(fd.value, "x", 1) < 0);
  kernel.Close(fd.value);
  CHECK_EQ(test.real.List(dir).value, std::vector<std::string>{"file"});
  CHECK_EQ(test.real.Read(file).value, "old");
}

TEST("a dry run signals no process, and shows those as ended that it would end") {
  DryRunTest test;
  DryRunKernel& kernel = test.kernel;
  const Sleeper sleeper;
  kernel.Kill(1, SIGCONT);
  CHECK_EQ(test.TakeLines(), "would send SIGCONT to PID 1\n");
  for (const int signal : {SIGSTOP, SIGHUP, SIGTERM, SIGCONT})
    CHECK(!kernel.Kill(sleeper.pid, signal));
  CHECK(ReadProcess(kernel, sleeper.pid).value.Ended());
  kernel.Poll({}, std::chrono::hours(1));
  CHECK_EQ(test.TakeLines(), "would send SIGHUP to 1 process\nwould send SIGTERM to 1 process\n");
  CHECK(!kernel.PidfdOpen(sleeper.pid));
  const auto pidfd = test.real.PidfdOpen(sleeper.pid);
  CHECK(bool(kernel.PidfdSignal(pidfd.value, SIGKILL)));
  if (pidfd) test.real.Close(pidfd.value);
  CHECK(sleeper.Lives());
  CHECK(!ReadProcess(test.real, sleeper.pid).value.Stopped());
}

TEST("a dry run starts no process and leaves its own as it is") {
  DryRunTest test;
  DryRunKernel& kernel = test.kernel;
  const auto limit = kernel.DescriptorLimit().value;
  CHECK(!kernel.SetDescriptorLimit({limit.rlim_cur - 1, limit.rlim_max}));
  CHECK_EQ(test.real.DescriptorLimit().value.rlim_cur, limit.rlim_cur);
  kernel.SetCpuPriority(CpuPriority::kGuard);
  CHECK_EQ(sched_getscheduler(0) & ~SCHED_RESET_ON_FORK, SCHED_OTHER);
  pid_t worker = 0;
  CHECK_EQ(kernel.Fork([&] { worker = getpid(); }).value, getpid());
  CHECK_EQ(worker, getpid());
  CHECK_EQ(kernel.Wait(1).value, 0);
  std::atomic<pid_t> daemon{0};
  kernel.BecomeDaemon("curfew-unit", {}, &daemon);
  CHECK_EQ(getsid(0) == getpid(), false);
  CHECK(!kernel.Exec({"/nonexistent", "word"}, -1));
  CHECK_EQ(test.TakeLines(), "would run /nonexistent\n");
}

TEST("a dry run unmounts nothing and does not end the machine") {
  DryRunTest test;
  DryRunKernel& kernel = test.kernel;
  const std::string& dir = test.dir;
  CHECK(!kernel.Umount(dir, 0));
  CHECK(!kernel.Mount("", dir, "none", 0, ""));
  CHECK(!kernel.Mount("", dir, "none", MS_REMOUNT | MS_RDONLY, ""));
  CHECK_EQ(test.TakeLines(), "would unmount " + dir + "\nwould mount " + dir + "\nwould make " +
                                 dir + " read-only\n");
  CHECK(!kernel.SwapOff(dir));
  CHECK(!kernel.SyncFs(dir));
  kernel.Sync();
  CHECK(!kernel.QuotaOff(dir, 0));
  CHECK(!kernel.AccountingOff());
  CHECK_EQ(test.TakeLines(), "would turn swap off on " + dir + "\nwould sync " + dir +
                                 "\nwould sync all file systems\nwould turn quota off on " + dir +
                                 "\nwould turn process accounting off\n");
}

}  // namespace dry_run_kernel_test
